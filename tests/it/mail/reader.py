"""Reads a mail with Python's own email package and a calendar library of others; prints what is in it as JSON."""

import email
import email.policy
import json
import sys

from icalendar import Calendar

mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)


def part(one):
    """A part and what is in it."""
    told = {
        "type": one.get_content_type(),
        "params": dict(one["Content-Type"].params) if one["Content-Type"] else {},
        "disposition": one.get_content_disposition(),
        "defects": [str(defect) for defect in one.defects],
    }
    if one.is_multipart():
        told["parts"] = [part(child) for child in one.iter_parts()]
    else:
        content = one.get_content()
        told["text"] = content if isinstance(content, str) else content.decode()
    if told["type"] == "text/calendar":
        calendar = Calendar.from_ical(told["text"])
        event = calendar.walk("VEVENT")[0]
        told["method"] = str(calendar["METHOD"])
        told["event"] = {
            "uid": str(event["UID"]),
            "sequence": int(event["SEQUENCE"]),
            "start": event.decoded("DTSTART").isoformat(),
            "end": event.decoded("DTEND").isoformat(),
            "summary": str(event["SUMMARY"]),
            "description": str(event["DESCRIPTION"]),
            "organizer": str(event["ORGANIZER"]),
            "attendee": str(event["ATTENDEE"]),
            "errors": [str(error) for error in event.errors],
        }
    return told


headers = {name.lower(): str(value) for name, value in mail.items()}
defects = [str(defect) for value in mail.values() for defect in getattr(value, "defects", ())]
print(json.dumps({"headers": headers, "header_defects": defects, "body": part(mail)}))
