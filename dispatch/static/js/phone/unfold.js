// What is carried is folded (dispatch/jobs/shared.py, tags.py): what jobs have in common is there once, with gaps. Here it
// is read as if every job had all of its own; each piece is put together when it is asked for.
export function unfold(folded) {
  const { kinds, pieces, tags, ...carry } = folded;
  const whole = (html) => html.replace(/<(\d+)>/g, (_, number) => tags[number]);
  const drawn = { kinds, pieces, whole };
  const jobs = lazily(Object.keys(carry.jobs), (number) => unfoldJob(number, carry.jobs[number], drawn), {});
  const days = lazily(Object.keys(carry.days), (day) => unfoldDay(carry.days[day], jobs, whole), {});
  // what was carried before an update knows of none
  const presence = carry.presence && { ...carry.presence, tops: wholly(carry.presence.tops), pieces: wholly(carry.presence.pieces) };
  return { ...carry, jobs, days, presence };

  function wholly(texts) {
    return Object.fromEntries(Object.entries(texts).map(([name, html]) => [name, whole(html)]));
  }
}

function unfoldDay(day, jobs, whole) {
  const html = () => put(whole(day.html), { card: day.next ? jobs[day.next].card : "" });
  return lazily(["html", "finished"], (name) => (name === "html" ? html() : whole(day.finished)), { ...day });
}

function unfoldJob(number, job, { kinds, pieces, whole }) {
  const states = kinds[job.kind];
  const names = Object.keys(states);
  const { rights, categories, ...own } = job.gaps;
  const gaps = { ...own, number, version: job.version, day: job.day, back: "day" };
  const shared = (name) => fill(whole(pieces[name]), gaps);
  const cardAs = (heading, back) => put(whole(job.card), {
    heading: escaped(states[job.drawn][heading]), deeds: fill(whole(pieces[states[job.drawn].deeds]), { ...gaps, back }),
  });
  const sheet = (name, state) => {
    const { [name]: sheetName, choices } = states[state];
    return put(shared(sheetName), { rights: whole(pieces[rights]), categories: whole(pieces[categories]), choices: shared(choices) });
  };
  const sheets = (name) => lazily(names.filter((state) => states[state][name]), (state) => sheet(name, state), {});
  const made = {
    card: () => cardAs("next", "day"),
    page: () => put(whole(job.page), { card: cardAs("alone", "job") }),
    moves: () => lazily(names, (state) => states[state].moves, {}),
    lines: () => lazily(names, (state) => whole(job.lines[states[state].line]), {}),
    cards: () => lazily(names, (state) => ({ next: states[state].next, alone: states[state].alone, html: shared(states[state].deeds) }), {}),
    bars: () => lazily(names.filter((state) => states[state].bar), (state) => shared(states[state].bar), {}),
    sheets: () => lazily(["reasons", "more", "completion"], sheets, {}),
  };
  return lazily(Object.keys(made), (name) => made[name](), { version: job.version, state: job.state, before: job.before, mode: job.mode, drawn: job.drawn });
}

// Values that stand between tildes, ready for HTML; a number to call where the drawn one stands for any.
function fill(html, gaps) {
  return html.replaceAll("tel:+00000000", gaps.tel).replace(/~([a-z]+)~/g, (gap, name) => gaps[name] ?? gap);
}

// Pieces that comments name.
function put(html, parts) {
  return html.replace(/<!--([a-z]+)-->/g, (comment, name) => parts[name] ?? comment);
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

// `into` with a property per name, made when it is first read.
function lazily(names, make, into) {
  for (const name of names) {
    Object.defineProperty(into, name, {
      enumerable: true, configurable: true,
      get() {
        const value = make(name);
        Object.defineProperty(into, name, { value, enumerable: true });
        return value;
      },
    });
  }
  return into;
}
