"""What the engine and the log say in codes and numbers, as sentences for the reader.

Instants are RFC 3339 texts; lengths of time are seconds. Codes of skills, rights, places and equipment
become words through a `Vocabulary`.
"""

from dispatch.sentences.assumptions import assumption, made_real
from dispatch.sentences.audit import change_in, claimed_in, reason_in, run_in, whys
from dispatch.sentences.changes import change, cost, day_of
from dispatch.sentences.everybody import days_of, each, nobody_else, outbid, summary
from dispatch.sentences.gains import gain, off_promise, promise
from dispatch.sentences.history import TOLD, event
from dispatch.sentences.names import to_name
from dispatch.sentences.outside import left_out, way_out
from dispatch.sentences.remedies import fix, fix_day
from dispatch.sentences.rules import reason
from dispatch.sentences.scopes import cause, scope, within
from dispatch.sentences.sources import duration_source, remark
from dispatch.sentences.undoing import done, put_back, stays
from dispatch.sentences.vocabulary import Vocabulary, enumerated, listed
from dispatch.sentences.waiting import awaited, confirmed, under_way

__all__ = [
    "TOLD", "Vocabulary", "assumption", "awaited", "cause", "change", "change_in", "claimed_in",
    "confirmed", "cost", "day_of", "days_of", "done", "duration_source", "each", "enumerated", "event",
    "fix", "fix_day", "gain", "left_out", "listed", "made_real", "nobody_else", "off_promise", "outbid", "promise",
    "put_back", "reason", "reason_in", "remark", "run_in", "scope", "stays", "summary", "to_name", "under_way",
    "way_out", "whys", "within",
]  # fmt: skip
