"""Busy time as PyPI's icalendar and recurring-ical-events see it.

Reads one JSON object a line, {"text", "zone", "start", "end"} (instants in epoch seconds), and writes for each a line
{"busy": [[start, end], ...], "unsure": [[start, end], ...]}, unmerged. Unsure is where the library is known to differ from the
rule: around starts that the clocks skip, whose spans it computes on the wall clock.
"""

import datetime
import json
import sys
import zoneinfo

import icalendar
import recurring_ical_events

UTC = datetime.timezone.utc
DAY = datetime.timedelta(days=1)


def placed(moment, home):
    """The moment as an aware datetime: days and floating times are in the calendar's zone."""
    if not isinstance(moment, datetime.datetime):
        moment = datetime.datetime.combine(moment, datetime.time())
    return moment.replace(tzinfo=home) if moment.tzinfo is None else moment


def skipped(moment):
    """Whether the clocks of its zone never show this time."""
    there = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return there.replace(tzinfo=None) != moment.replace(tzinfo=None)


def answer(question):
    calendar = icalendar.Calendar.from_ical(question["text"])
    home = zoneinfo.ZoneInfo(str(calendar.get("X-WR-TIMEZONE", question["zone"])))
    start = datetime.datetime.fromtimestamp(question["start"], UTC)
    end = datetime.datetime.fromtimestamp(question["end"], UTC)
    busy, unsure = [], []
    for event in recurring_ical_events.of(calendar).between(start - 3 * DAY, end + 3 * DAY):
        if event.get("STATUS", "") == "CANCELLED" or event.get("TRANSP", "") == "TRANSPARENT":
            continue
        first, last = placed(event.start, home), placed(event.end, home)
        span = [int(first.timestamp()), int(last.timestamp())]
        busy.append(span)
        if skipped(first):
            unsure.append([span[0] - 7200, span[1] + 7200])
    return {"busy": busy, "unsure": unsure}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
