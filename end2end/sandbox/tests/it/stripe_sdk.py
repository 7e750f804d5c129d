"""Drives the sandbox's Stripe with Stripe's own library. Arguments: the API's address, the control surface's, the webhook endpoint's log."""

import json
import sys
import threading
import time
import typing
import urllib.request

import stripe

base, control_base, hooks_file, key, secret = sys.argv[1:]
stripe.api_base = base
stripe.api_key = key
stripe.max_network_retries = 0

SUCCESS = "http://127.0.0.1:3000/paid?session={CHECKOUT_SESSION_ID}"


def control(method, path, what=None):
    data = None if what is None else json.dumps(what).encode()
    request = urllib.request.Request(control_base + path, data=data, method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def expect(kind, call, **facts):
    """Calls, wants an error of exactly this class, with these facts."""
    try:
        call()
    except stripe.StripeError as error:
        assert type(error) is kind, f"{type(error).__name__}, not {kind.__name__}: {error}"
        for name, value in facts.items():
            assert getattr(error, name) == value, f"{name} is {getattr(error, name)!r}, not {value!r}: {error}"
        if not isinstance(error, stripe.APIConnectionError):
            assert error.headers["request-id"].startswith("req_"), error.headers
        return error
    raise AssertionError(f"no {kind.__name__}")


def nullable(kind):
    return "Optional[" in str(kind) or type(None) in typing.get_args(kind)


def shape(found):
    """Every member of an object is one that Stripe's library knows, and every one that it counts on is there."""
    known = {name: kind for name, kind in type(found).__annotations__.items() if name.islower() and not name.startswith("_")}
    members = set(found.to_dict())
    assert members <= known.keys(), f"{found['object']} has unknown {members - known.keys()}"
    needed = {name for name, kind in known.items() if not nullable(kind)}
    assert needed <= members, f"{found['object']} lacks {needed - members}"
    empty = {name for name in needed if found[name] is None}
    assert not empty, f"{found['object']} has null in {empty}"
    return found


def session(**more):
    fields = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 2,
                "price_data": {"currency": "eur", "unit_amount": 2500, "product_data": {"name": "Stunde bei Zoë & Co. [1]"}},
            }
        ],
        "success_url": SUCCESS,
        "cancel_url": "http://127.0.0.1:3000/back",
        "client_reference_id": "booking-1",
        "metadata": {"booking": "ü=1&2"},
        "payment_intent_data": {"metadata": {"booking": "ü=1&2"}},
    }
    return stripe.checkout.Session.create(**(fields | more))


def held():
    made = session(payment_intent_data={"capture_method": "manual"})
    control("POST", f"/stripe/sessions/{made.id}/pay", {"with": "card"})
    return shape(stripe.checkout.Session.retrieve(made.id, expand=["payment_intent"]).payment_intent)


def paid():
    made = session()
    control("POST", f"/stripe/sessions/{made.id}/pay", {"with": "card"})
    return stripe.checkout.Session.retrieve(made.id).payment_intent


def sessions():
    made = shape(session())
    assert made.amount_total == 5000 and made.status == "open" and made.metadata["booking"] == "ü=1&2", made
    assert made.last_response.headers["request-id"].startswith("req_")
    again = shape(stripe.checkout.Session.retrieve(made.id, expand=["line_items"]))
    assert again.line_items.data[0].description == "Stunde bei Zoë & Co. [1]" and again.line_items.data[0].quantity == 2
    assert [line.id for line in stripe.checkout.Session.list_line_items(made.id)] == [again.line_items.data[0].id]
    assert stripe.checkout.Session.expire(made.id).status == "expired"
    expect(stripe.InvalidRequestError, lambda: stripe.checkout.Session.expire(made.id), http_status=400)
    done = shape(stripe.checkout.Session.list(payment_intent=paid()).data[0])
    assert done.payment_status == "paid" and done.url is None and done.status == "complete"
    more = {session().id for _ in range(4)}
    listed = [entry.id for entry in stripe.checkout.Session.list(limit=2, status="open").auto_paging_iter()]
    assert len(listed) == 4 and set(listed) == more
    late = int(time.time()) + 31 * 60
    assert session(expires_at=late).expires_at == late


def payments():
    intent = held()
    assert intent.status == "requires_capture" and intent.amount_capturable == 5000
    part = shape(stripe.PaymentIntent.capture(intent.id, amount_to_capture=3000, expand=["latest_charge.balance_transaction"]))
    assert part.status == "succeeded" and part.amount_received == 3000
    charge = shape(part.latest_charge)
    money = shape(charge.balance_transaction)
    assert charge.amount_captured == 3000 and charge.amount_refunded == 2000 and money.net == money.amount - money.fee
    assert charge.payment_method_details.card.capture_before > charge.created
    assert charge.id in [entry.id for entry in stripe.Charge.list(payment_intent=intent.id)]
    expect(stripe.InvalidRequestError, lambda: stripe.PaymentIntent.capture(intent.id), code="payment_intent_unexpected_state")
    other = held()
    over = stripe.PaymentIntent.cancel(other.id, cancellation_reason="abandoned")
    assert over.status == "canceled" and over.cancellation_reason == "abandoned"
    expect(stripe.InvalidRequestError, lambda: stripe.PaymentIntent.cancel(other.id), code="payment_intent_unexpected_state")
    third = held()
    too_much = lambda: stripe.PaymentIntent.capture(third.id, amount_to_capture=5001)
    expect(stripe.InvalidRequestError, too_much, code="amount_too_large", param="amount_to_capture")
    control("POST", f"/stripe/payment_intents/{third.id}/spoil", {})
    error = expect(stripe.CardError, lambda: stripe.PaymentIntent.capture(third.id), http_status=402)
    assert error.code == "capture_charge_authorization_expired" and error.error.payment_intent.id == third.id
    assert {entry.id for entry in stripe.PaymentIntent.list().auto_paging_iter()} >= {intent.id, other.id, third.id}


def refunds():
    intent = paid()
    first = shape(stripe.Refund.create(payment_intent=intent, amount=2000, reason="requested_by_customer", metadata={"why": "ill"}))
    assert first.status == "succeeded" and first.metadata["why"] == "ill"
    assert shape(stripe.Refund.retrieve(first.id, expand=["balance_transaction"])).balance_transaction.amount == -2000
    error = expect(stripe.InvalidRequestError, lambda: stripe.Refund.create(payment_intent=intent, amount=3001), param="amount")
    assert "greater than unrefunded amount" in error.user_message
    rest = stripe.Refund.create(payment_intent=intent)
    assert rest.amount == 3000
    expect(stripe.InvalidRequestError, lambda: stripe.Refund.create(payment_intent=intent), code="charge_already_refunded")
    assert [entry.id for entry in stripe.Refund.list(payment_intent=intent, limit=1).auto_paging_iter()] == [rest.id, first.id]
    control("PATCH", f"/stripe/refunds/{rest.id}", {"status": "failed", "reason": "lost_or_stolen_card"})
    assert shape(stripe.Refund.retrieve(rest.id)).failure_reason == "lost_or_stolen_card"


def errors():
    expect(stripe.InvalidRequestError, lambda: session(payment_method_types=["card"]), param="payment_method_types", code="parameter_unknown")
    expect(stripe.InvalidRequestError, lambda: session(expires_at=int(time.time()) + 60), param="expires_at")
    expect(stripe.InvalidRequestError, lambda: session(metadata={"k" * 41: "v"}), http_status=400)
    expect(stripe.InvalidRequestError, lambda: stripe.checkout.Session.retrieve("cs_no"), http_status=404, code="resource_missing")
    expect(stripe.InvalidRequestError, lambda: stripe.Customer.create(), http_status=404)
    expect(stripe.AuthenticationError, lambda: stripe.Event.list(api_key="sk_test_other"), http_status=401)
    expect(stripe.PermissionError, lambda: stripe.Event.list(api_key="pk_test_other"), http_status=403)
    expect(stripe.InvalidRequestError, lambda: stripe.Event.list(stripe_version="2025-03-31.basil"), http_status=400)
    for status, kind in [(429, stripe.RateLimitError), (500, stripe.APIError), (503, stripe.APIError)]:
        control("POST", "/faults", {"provider": "stripe", "fault": {"kind": "status", "status": status}})
        expect(kind, stripe.Event.list, http_status=status)
    control("POST", "/faults", {"provider": "stripe", "fault": {"kind": "close"}})
    expect(stripe.APIConnectionError, stripe.Event.list)


def idempotency():
    first = session(idempotency_key="sdk-1")
    second = session(idempotency_key="sdk-1")
    assert first.id == second.id and second.last_response.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.last_response.headers
    expect(stripe.IdempotencyError, lambda: session(idempotency_key="sdk-1", client_reference_id="another"), http_status=400)
    control("PATCH", "/stripe/switches", {"work_ms": 1000})
    slow = threading.Thread(target=lambda: session(idempotency_key="sdk-2"))
    slow.start()
    time.sleep(0.3)
    error = expect(stripe.APIError, lambda: session(idempotency_key="sdk-2"), http_status=409)
    assert error.error.code == "idempotency_key_in_use"
    slow.join()
    # With its retries on, the library waits for the first and gets its answer.
    stripe.max_network_retries = 3
    slow = threading.Thread(target=lambda: session(idempotency_key="sdk-3"))
    slow.start()
    time.sleep(0.3)
    patient = session(idempotency_key="sdk-3")
    assert patient.last_response.headers["idempotent-replayed"] == "true"
    slow.join()
    # An answer lost on its way is had again by the library's own key.
    before = len(list(stripe.checkout.Session.list(limit=100).auto_paging_iter()))
    control("POST", "/faults", {"provider": "stripe", "match": {"method": "POST"}, "fault": {"kind": "after_effect"}})
    assert session().last_response.headers["idempotent-replayed"] == "true"
    assert len(list(stripe.checkout.Session.list(limit=100).auto_paging_iter())) == before + 1
    stripe.max_network_retries = 0
    control("PATCH", "/stripe/switches", {"work_ms": 0})


def events():
    listed = list(stripe.Event.list(limit=10).auto_paging_iter())
    assert len({event.id for event in listed}) == len(listed) > 40, len(listed)
    for event in listed:
        shape(event)
        shape(event.data.object)
        assert event.api_version == stripe.api_version, event.api_version
    assert stripe.Event.retrieve(listed[0].id).type == listed[0].type
    kinds = {event.type for event in stripe.Event.list(types=["refund.created", "refund.failed"], limit=100)}
    assert kinds == {"refund.created", "refund.failed"}


def webhooks():
    """The file holds what a listener heard: a line with signature and body for each webhook."""
    with open(hooks_file, encoding="utf-8") as file:
        heard = [json.loads(line) for line in file]
    assert heard
    for entry in heard:
        body, header = entry["body"], entry["signature"]
        event = stripe.Webhook.construct_event(body, header, secret)
        assert event.type == json.loads(body)["type"]
        shape(event.data.object)
        wrong = [
            (body.replace("1", "2", 1), header, secret),
            (json.dumps(json.loads(body)), header, secret),
            (body, header.replace("v1=", "v1=0"), secret),
            (body, header.replace("v1=", "v0="), secret),
            (body, header, "whsec_other"),
        ]
        for arguments in wrong:
            try:
                stripe.Webhook.construct_event(*arguments)
            except stripe.SignatureVerificationError:
                continue
            raise AssertionError(f"accepted: {arguments}")
        again = stripe.WebhookSignature.generate_signature_header(body, secret, int(header.split(",")[0][2:]))
        assert again == header, f"{again} is not {header}"


assert stripe.api_version == "2026-10-28.endive", stripe.api_version
for part in [sessions, payments, refunds, errors, idempotency, events, webhooks]:
    part()
    print(f"ok {part.__name__}", flush=True)
