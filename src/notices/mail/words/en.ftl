# What mail says, in English. A second language is a file like this one with the same keys, named in words.rs.
# What a person typed comes in as it is; it is made safe for HTML where it is shown.

## Dates, times and spans

weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
weekday-short-1 = Mon
weekday-short-2 = Tue
weekday-short-3 = Wed
weekday-short-4 = Thu
weekday-short-5 = Fri
weekday-short-6 = Sat
weekday-short-7 = Sun
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
month-short-1 = Jan
month-short-2 = Feb
month-short-3 = Mar
month-short-4 = Apr
month-short-5 = May
month-short-6 = Jun
month-short-7 = Jul
month-short-8 = Aug
month-short-9 = Sep
month-short-10 = Oct
month-short-11 = Nov
month-short-12 = Dec
date-long = { $weekday } { $day } { $month } { $year }
date-short = { $weekday } { $day } { $month }
date-and-time = { $date }, { $time }
when-one-day = { $date }, { $from }–{ $until } ({ $zone })
when-two-days = { $date }, { $from } – { $last-date }, { $until } ({ $zone })
zone-offset = { $zone }, { $offset }
zone-offset-changes = { $zone }, { $offset }, then { $then }
span-minutes = { $number ->
    [one] { $number } minute
   *[other] { $number } minutes
}
span-hours = { $number ->
    [one] { $number } hour
   *[other] { $number } hours
}
span-days = { $number ->
    [one] { $number } day
   *[other] { $number } days
}
span-hours-and-minutes = { $hours } { $minutes }

## What every mail of a booking has

label-when = When
label-was = Was
label-length = Length
label-with = With
label-place = Where
label-price = Price
label-reason = Reason given
label-notes-client = What you wrote
label-notes-coach = What { $client } wrote
price-free = Free of charge
place-video = Video call
place-video-pending = Video call; the link comes with the confirmation
place-video-later = Video call; the link will be on the booking’s page
place-phone = By phone
place-phone-number = By phone: { $number }
button-booking = Open the booking
button-answer = Answer the request
button-again = Find another time
invite-request = The invitation in this mail puts the session into your calendar, or brings it up to date there.
invite-cancel = The attachment takes the session out of your calendar.
calendar-written = The session goes into the calendar that you connected, so this mail brings no invitation.
terms-client = You can move or cancel it on the booking’s page until { $until }.
terms-client-over = It is too late to move or cancel it yourself: get in touch with { $coach }.
terms-coach = You can move or cancel it on the booking’s page.
footer-booking = You get this mail because of a booking at { $site }.
footer-account = You get this mail because of an account at { $site }.
link-copy = If the button does not work, copy this address into your browser:

event-summary = { $title } with { $other }
event-description = { $title } with { $other }
event-page = Moving, cancelling and everything else: { $page }
event-link = Join: { $link }

## Booked

booked-client-subject = Booked: { $title } with { $coach }, { $short }
booked-client-heading = Your session is booked
booked-client-lead = { $title } with { $coach } is agreed.
booked-coach-subject = New booking: { $title } with { $client }, { $short }
booked-coach-heading = You have a new booking
booked-coach-lead = { $client } booked { $title } with you.

## Requested

requested-client-subject = Requested: { $title } with { $coach }, { $short }
requested-client-heading = Your request is sent
requested-client-lead = { $coach } will answer by { $answer-by }. The time is kept for you until then.
requested-coach-subject = Please answer: { $title } with { $client }, { $short }
requested-coach-heading = { $client } would like to book
requested-coach-lead = Please confirm or decline by { $answer-by }. Without an answer the request ends by itself.

## Confirmed

confirmed-client-subject = Confirmed: { $title } with { $coach }, { $short }
confirmed-client-heading = Your session is confirmed
confirmed-client-lead = { $by ->
    [coach] { $coach } confirmed { $title }.
   *[other] The people who run { $site } confirmed { $title } with { $coach }.
}
confirmed-coach-subject = Confirmed: { $title } with { $client }, { $short }
confirmed-coach-heading = The session is confirmed
confirmed-coach-lead = { $by ->
    [coach] { $title } with { $client } is agreed.
   *[other] The people who run { $site } confirmed { $title } with { $client } for you.
}

## Declined

declined-client-subject = Declined: { $title } with { $coach }, { $short }
declined-client-heading = Your request was declined
declined-client-lead = { $by ->
    [coach] { $coach } cannot take { $title } at this time. Nothing is booked.
   *[other] The people who run { $site } declined { $title } with { $coach } at this time. Nothing is booked.
}
declined-coach-subject = Declined: { $title } with { $client }, { $short }
declined-coach-heading = The request is declined
declined-coach-lead = { $by ->
    [coach] { $client } has been told. The time is free again.
   *[other] The people who run { $site } declined { $title } for you. { $client } has been told. The time is free again.
}

## Expired

expired-client-subject = No answer: { $title } with { $coach }, { $short }
expired-client-heading = Your request was not answered
expired-client-lead = { $coach } did not answer in time, so the request has ended. Nothing is booked.
expired-coach-subject = Ended unanswered: { $title } with { $client }, { $short }
expired-coach-heading = A request ended without an answer
expired-coach-lead = { $client } has been told. The time is free again.

## Moved

moved-client-subject = Moved: { $title } with { $coach }, now { $short }
moved-client-heading = Your session has a new time
moved-client-lead = { $by ->
    [client] You moved { $title } with { $coach }.
    [coach] { $coach } moved { $title }.
   *[other] The people who run { $site } moved { $title } with { $coach }.
}
moved-coach-subject = Moved: { $title } with { $client }, now { $short }
moved-coach-heading = A session has a new time
moved-coach-lead = { $by ->
    [client] { $client } moved { $title }.
    [coach] You moved { $title } with { $client }.
   *[other] The people who run { $site } moved { $title } with { $client }.
}

## Moved, to be confirmed again

asked-client-subject = Waiting for confirmation: { $title } with { $coach }, now { $short }
asked-client-heading = Your new time waits for { $coach }
asked-client-lead = You asked to move { $title }. { $coach } will answer by { $answer-by }; the new time is kept for you until then.
asked-coach-subject = Please answer: { $title } with { $client }, now { $short }
asked-coach-heading = { $client } asks for another time
asked-coach-lead = Please confirm or decline the new time by { $answer-by }. Without an answer the booking ends.

## Moved, while it still waits for an answer, by somebody else than the mentee

shifted-client-subject = New time: { $title } with { $coach }, now { $short }
shifted-client-heading = Your request has a new time
shifted-client-lead = { $by ->
    [coach] { $coach } moved the time that you asked for, and will answer by { $answer-by }.
   *[other] The people who run { $site } moved the time that you asked for. { $coach } will answer by { $answer-by }.
}
shifted-coach-subject = New time: { $title } with { $client }, now { $short }
shifted-coach-heading = A request has a new time
shifted-coach-lead = { $client } has been told. Please confirm or decline by { $answer-by }. Without an answer the request ends by itself.

## Cancelled

cancelled-client-subject = Cancelled: { $title } with { $coach }, { $short }
cancelled-client-heading = Your session is cancelled
cancelled-client-lead = { $by ->
    [client] You cancelled { $title } with { $coach }.
    [coach] { $coach } cancelled { $title }.
   *[other] The people who run { $site } cancelled { $title } with { $coach }.
}
cancelled-coach-subject = Cancelled: { $title } with { $client }, { $short }
cancelled-coach-heading = A session is cancelled
cancelled-coach-lead = { $by ->
    [client] { $client } cancelled { $title }. The time is free again.
    [coach] You cancelled { $title } with { $client }. The time is free again.
   *[other] The people who run { $site } cancelled { $title } with { $client }. The time is free again.
}

## Reminder

reminder-client-subject = In { $span }: { $title } with { $coach }, { $short }
reminder-client-heading = Your session begins in { $span }
reminder-client-lead = { $title } with { $coach } is coming up.
reminder-coach-subject = In { $span }: { $title } with { $client }, { $short }
reminder-coach-heading = Your session begins in { $span }
reminder-coach-lead = { $title } with { $client } is coming up.

## A calendar to connect again

trouble-subject = { $day ->
    [0] { $calendar } has to be connected again
   *[other] { $calendar } is still not connected
}
trouble-heading = { $calendar } cannot be read any more
trouble-lead = We have not been let into { $account } ({ $calendar }) since { $since }.
trouble-why = Why
trouble-effect = Without it we do not know when you are busy there. What mentees are offered meanwhile is what you decided in your settings.
trouble-last = { $day ->
    [14] This is the last mail about it.
   *[other] We write again until it is connected, fourteen days at most.
}
reason-grant_revoked = Access was withdrawn or has run out at the provider.
reason-wrong_password = The user name or password is not accepted any more.
reason-missing_scope = A permission that is needed was not given.
reason-calendar_not_connected = The provider says that a calendar is not connected there any more.
reason-calendar_missing = A calendar that you chose is missing from the account.
reason-not_ours = The provider says that a calendar belongs to someone else.
reason-gone = There is no calendar at the address any more.
reason-address_refused = The address leads somewhere that this site may not fetch from.
reason-rate_limited = The provider asks us to slow down.
reason-provider_down = The provider has a problem at the moment.
reason-unreachable = The provider cannot be reached at the moment.
reason-timed_out = The provider takes too long to answer.
reason-bad_answer = The provider's answer could not be read.
reason-site_refused = The provider does not accept this site's own credentials. The site's operator has to look at it.
reason-sealed = The stored access cannot be opened with this site's key. The site's operator has to look at it.
button-trouble = Connect it again
footer-trouble = You get this mail because a calendar of yours is connected with { $site }.

## Accounts

check-subject = Confirm your address for { $site }
check-heading = Confirm your address
check-lead = Is { $email } your address? Confirm it, so that we can send you what concerns your bookings. Until then we send nothing else there.
check-valid = The link works once, for { $span }. If you did not register, you need not do anything.
button-check = Confirm this address

reset-subject = A new password for { $site }
reset-heading = Choose a new password
reset-lead = Someone, probably you, asked for a new password for { $email }. Your old password works until you choose a new one.
reset-valid = The link works once, for { $span }. If it was not you, you need not do anything.
button-reset = Choose a new password
