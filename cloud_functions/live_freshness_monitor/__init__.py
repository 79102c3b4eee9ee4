"""live_freshness_monitor: reads what a browser reads, judges it by the calendar, and asks once for a new export."""
