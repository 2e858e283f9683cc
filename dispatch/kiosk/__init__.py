"""The kiosk desk: arrivals, its queue, and what is handed out there. Its tables are in models; its screens come here."""
