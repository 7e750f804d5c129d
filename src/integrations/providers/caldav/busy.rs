use std::collections::BTreeSet;

use super::{
    Caldav, CaldavError,
    client::multistatus,
    xml::{CALDAV, Document, responses},
};
use crate::{
    integrations::{
        ical::{self, BusyContext, Note},
        safe_fetch::{Address, Depth},
    },
    model::Instant,
    time::Interval,
};

/// Whole days and times without a zone are where the server thinks they are, up to 14 hours from where they are for us: so much
/// more is asked for on either side.
const MARGIN_MINUTES: i64 = 26 * 60;

/// When a calendar is busy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CalendarBusy {
    /// Taken time: merged, in order, inside the window.
    pub spans: Vec<Interval>,
    /// Events read.
    pub events_seen: usize,
    /// What in the calendar could not be taken into account.
    pub notes: BTreeSet<Note>,
    /// Objects that the server named but did not give, or whose text is not iCalendar.
    pub unreadable: usize,
}

impl CalendarBusy {
    /// Whether time outside the spans may be taken too.
    pub fn is_unknown(&self) -> bool {
        self.unreadable > 0 || !self.notes.is_empty()
    }
}

/// Reads when a calendar is busy in the context's window. The server finds the objects (`calendar-query` with a time range); what they
/// take is worked out here, in the context's zone: servers differ about recurrence and whole days, and iCloud has no
/// `free-busy-query`.
///
/// # Errors
/// `Gone` when there is no such calendar any more; see [`CaldavError`].
pub async fn busy(client: &Caldav, calendar: &Address, context: &BusyContext) -> Result<CalendarBusy, CaldavError> {
    let (start, end) = (context.window.start.plus_minutes(-MARGIN_MINUTES), context.window.end.plus_minutes(MARGIN_MINUTES));
    let body = format!(
        "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/><C:calendar-data/></prop>\
         <C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"><C:time-range start=\"{}\" end=\"{}\"/>\
         </C:comp-filter></C:comp-filter></C:filter></C:calendar-query>",
        basic(start),
        basic(end)
    );
    let reply = multistatus(client.report(calendar, Depth::One, &body).await?)?;
    Document::read(&reply.body)?.with(|root| {
        let mut found = CalendarBusy::default();
        for response in responses(root)? {
            let data = response
                .status()
                .is_none_or(|status| (200..300).contains(&status))
                .then(|| response.property_text(CALDAV, "calendar-data"));
            match data.flatten().map(|text| ical::busy_of(text, context)) {
                Some(Ok(object)) => {
                    found.spans.extend(object.spans);
                    found.events_seen += object.events_seen;
                    found.notes.extend(object.notes);
                }
                Some(Err(_)) | None => found.unreadable += 1,
            }
        }
        found.spans = ical::merged(found.spans);
        Ok(found)
    })?
}

/// `20261120T090000Z`.
fn basic(at: Instant) -> String {
    at.to_rfc3339().replace(['-', ':'], "")
}
