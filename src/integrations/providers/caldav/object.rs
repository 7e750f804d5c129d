//! One event's object on a server: where it is, what it is like, and what a refusal to change it means.

use reqwest::header::ETAG;

use super::{
    Caldav, CaldavError,
    client::{escaped, multistatus},
    xml::{DAV, Document, Response, precondition, precondition_href, responses},
};
use crate::{
    integrations::{
        ical::{SingleEvent, single_of},
        safe_fetch::{Address, Depth, Reply},
    },
    time::Zone,
};

/// An object that is there.
#[derive(Debug)]
pub(super) struct Object {
    /// Where.
    pub(super) address: Address,
    /// The mark of its state, if it can be compared.
    pub(super) etag: Option<String>,
    /// The event in it.
    pub(super) event: SingleEvent,
}

/// Why a change was refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The condition of the request did not hold: something is there, or something else, or nothing.
    Condition,
    /// Another object has the UID; its address, if the server says.
    SameUid(Option<String>),
    /// The address is in no calendar.
    NoCalendar,
    /// Anything else.
    Other(CaldavError),
}

impl Refusal {
    /// What `reply` says. The status alone does not tell: the same UID elsewhere is 409 here and 412 there, and 412 is also text that a
    /// server does not take.
    pub(super) fn of(reply: &Reply) -> Self {
        let named = |read: fn(roxmltree::Node<'_, '_>) -> Option<String>| {
            Document::read(&reply.body).ok().and_then(|document| document.with(read).ok().flatten())
        };
        match (reply.status, named(precondition).as_deref()) {
            (403 | 409 | 412, Some("no-uid-conflict")) => Self::SameUid(named(precondition_href)),
            // SabreDAV names its own class first.
            (412, None | Some("exception")) => Self::Condition,
            (409, None) | (404 | 410, _) => Self::NoCalendar,
            _ => Self::Other(CaldavError::of(reply)),
        }
    }
}

/// The mark in an answer. A weak one (RFC 9110, 8.8.3) does not do for changing something.
pub(super) fn strong_etag(reply: &Reply) -> Option<String> {
    let etag = reply.headers.get(ETAG)?.to_str().ok()?;
    (etag.starts_with('"') && etag.len() > 2).then(|| etag.to_owned())
}

/// What is at `address`; `None` when nothing is.
pub(super) async fn object_at(client: &Caldav, address: &Address) -> Result<Option<Object>, CaldavError> {
    let reply = client.get(address).await?;
    match reply.status {
        200 => {
            // No zone of ours comes into it: what this site writes is in UTC.
            let event = single_of(&reply.body, &Zone::utc()).ok().flatten().ok_or(CaldavError::Unreadable)?;
            Ok(Some(Object { address: address.clone(), etag: strong_etag(&reply), event }))
        }
        404 | 410 => Ok(None),
        _ => Err(CaldavError::of(&reply)),
    }
}

/// The object in `calendar` with that UID, wherever it is.
pub(super) async fn object_of(client: &Caldav, calendar: &Address, uid: &str) -> Result<Option<Object>, CaldavError> {
    let body = format!(
        "<C:calendar-query xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><getetag/></prop><C:filter>\
         <C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"><C:prop-filter name=\"UID\">\
         <C:text-match collation=\"i;octet\">{}</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>",
        escaped(uid)
    );
    let reply = multistatus(client.report(calendar, Depth::One, &body).await?)?;
    let hrefs: Vec<String> = Document::read(&reply.body)?.with(|root| {
        let found = responses(root)?.filter(|response| response.status().is_none_or(|status| (200..300).contains(&status)));
        Ok::<_, CaldavError>(found.filter(|response| response.property(DAV, "getetag").is_some()).filter_map(Response::href).collect())
    })??;
    for href in hrefs {
        let Ok(address) = client.follow(&reply.address, &href) else { continue };
        match object_at(client, &address).await {
            Ok(Some(object)) if object.event.uid == uid => return Ok(Some(object)),
            Ok(_) | Err(CaldavError::Unreadable) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}
