"""Half of the valid requests are about what there is: real coaches, free times, the bookings and session types made before.

Without that, nearly all would end at "not found". What is to be refused is left as it is.
"""

import os
import zlib

import requests
import schemathesis
from schemathesis.generation.meta import TestPhase

BASE = os.environ["API_BASE"]
known = {"coach": [], "slot": [], "booking": [], "session_type": [], "me": []}


def load():
    token = {"Authorization": os.environ["API_TOKEN"]}
    me = requests.get(f"{BASE}/auth/me", headers=token, timeout=10).json()
    known["me"] = [me["id"]]
    for coach in requests.get(f"{BASE}/coaches", timeout=10).json()["coaches"]:
        known["coach"].append(coach["user_id"])
        for kind in coach["session_types"]:
            found = requests.get(
                f"{BASE}/booking/coach/{coach['user_id']}/availability",
                params={"start_date": os.environ["API_FROM"], "end_date": os.environ["API_UNTIL"], "session_type_id": kind["id"]},
                timeout=10,
            ).json()["available_slots"]
            known["slot"] += [(coach["user_id"], slot["start"], slot["duration_minutes"]) for slot in found[:40]]
    for side in ("client", "coach"):
        mine = requests.get(f"{BASE}/booking/{side}/{me['id']}", headers=token, timeout=10)
        if mine.ok:
            known["booking"] += [booking["id"] for booking in mine.json()["bookings"]]


load()


def pick(name, case):
    values = known[name]
    return values[zlib.crc32(case.id.encode()) // 7 % len(values)] if values else None


def about(case):
    """What the path's id names."""
    path = case.operation.path
    if path.startswith("/booking/client/"):
        return "me"
    if path.startswith(("/booking/coach/", "/coaches/{id}")):
        return "coach"
    if path.startswith("/booking/{id}"):
        return "booking"
    return "session_type" if path.startswith("/coaches/me/session-types/{id}") else None


def is_free(case):
    """Whether a request may be changed: valid, and not about what came from an answer."""
    return case.meta is not None and case.meta.generation.mode.is_positive and zlib.crc32(case.id.encode()) % 2 == 0


@schemathesis.hook
def before_call(context, case, kwargs):
    if not is_free(case):
        return
    # What a sequence of requests made is what its next ones are about.
    name = None if case.meta.phase.name == TestPhase.STATEFUL else about(case)
    if name and isinstance(case.path_parameters, dict) and (real := pick(name, case)):
        case.path_parameters = {**case.path_parameters, "id": real}
    if isinstance(case.body, dict) and isinstance(case.body.get("time_zone"), str):
        case.body = {**case.body, "time_zone": "Europe/Berlin"}
    if isinstance(case.body, dict) and known["slot"]:
        coach, start, minutes = pick("slot", case)
        if case.operation.label == "POST /booking":
            rest = {name: value for name, value in case.body.items() if name in ("notes",)}
            case.body = {**rest, "coach_id": coach, "session_datetime": start, "duration_minutes": minutes}
        elif case.operation.label == "POST /booking/{id}/reschedule":
            case.body = {**case.body, "session_datetime": start}
        elif case.operation.label == "POST /calendar/sync-booking" and (booking := pick("booking", case)):
            case.body = {**case.body, "booking_id": booking, "timezone": "Europe/Berlin"}


@schemathesis.hook
def after_call(context, case, response):
    if response.status_code == 201:
        made = {"POST /booking": "booking", "POST /coaches/me/session-types": "session_type"}.get(case.operation.label)
        if made:
            known[made].append(response.json()["id"])
