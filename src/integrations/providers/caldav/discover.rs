use super::{
    Account, Caldav, CaldavError, RemoteCalendar,
    account::PROPERTIES,
    client::multistatus,
    xml::{CALDAV, DAV, Document, children, href, responses, text},
};
use crate::integrations::safe_fetch::{Address, Depth, FetchError};

const WHO: &str = "<propfind xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><current-user-principal/>\
    <resourcetype/><C:calendar-home-set/></prop></propfind>";
const HOMES: &str = "<propfind xmlns=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><prop><C:calendar-home-set/>\
    <C:calendar-user-address-set/></prop></propfind>";
/// Hosts that a server may send us through before it answers.
const MAX_HOSTS: usize = 3;
/// Homes of one account.
const MAX_HOMES: usize = 5;

/// What the first answer that is one says.
struct Entry {
    at: Address,
    principal: Option<String>,
    homes: Vec<String>,
    is_calendar: bool,
}

/// Finds an account from what a person typed: an address of the account, of one of its calendars, or just of the server (RFC 6764, 6; RFC
/// 5397; RFC 4791, 6.2.1).
///
/// # Errors
/// `NotCaldav` when nothing there speaks CalDAV, `WrongPassword`, `OtherHost`, or why the server was not reached.
pub async fn discover(client: &Caldav, typed: &Address) -> Result<Account, CaldavError> {
    let entry = enter(client, typed).await?;
    let (principal, mut homes, mut user_addresses) = match &entry.principal {
        None => (None, entry.homes.clone(), Vec::new()),
        Some(principal) => {
            let principal = client.follow(&entry.at, principal)?;
            let (homes, addresses) = homes_of(client, &principal).await?;
            (Some(principal), homes, addresses)
        }
    };
    if homes.is_empty() && entry.is_calendar {
        // A server that knows no accounts, and one calendar of it.
        homes.push(entry.at.reveal().to_owned());
    }
    user_addresses.sort_unstable();
    let base = principal.as_ref().unwrap_or(&entry.at);
    let homes = homes.iter().take(MAX_HOMES).map(|home| client.follow(base, home)).collect::<Result<Vec<_>, _>>()?;
    if homes.is_empty() {
        return Err(CaldavError::NotCaldav);
    }
    let mut calendars = Vec::new();
    for home in &homes {
        for calendar in list(client, home).await? {
            if !calendars.iter().any(|known: &RemoteCalendar| known.address == calendar.address) {
                calendars.push(calendar);
            }
        }
    }
    Ok(Account { principal, homes, user_addresses, calendars })
}

/// Asks who we are: at the typed address, at the well-known one, at the root.
async fn enter(client: &Caldav, typed: &Address) -> Result<Entry, CaldavError> {
    let mut failures = Vec::new();
    for place in ["", "/.well-known/caldav", "/"] {
        let address = client.fetch.join(typed, place)?;
        match ask(client, address).await {
            Ok(Some(entry)) => return Ok(entry),
            Ok(None) => {}
            Err(error) if is_final(&error) => return Err(error),
            Err(error) => failures.push(error),
        }
    }
    // A server that leads elsewhere, or is in trouble, may be a CalDAV server all the same.
    let elsewhere = failures.iter().find(|error| matches!(error, CaldavError::OtherHost(_)));
    let told = elsewhere.or_else(|| failures.iter().find(|error| error.is_transient()));
    Err(told.cloned().unwrap_or(CaldavError::NotCaldav))
}

/// Whether no other place on the server can know better.
fn is_final(error: &CaldavError) -> bool {
    match error {
        CaldavError::WrongPassword | CaldavError::RateLimited(_) => true,
        CaldavError::Fetch(error) => {
            matches!(error, FetchError::Refused(_) | FetchError::Unreachable | FetchError::Timeout | FetchError::Tls)
        }
        _ => false,
    }
}

/// One place. `None` if it answers, but not about CalDAV.
async fn ask(client: &Caldav, mut address: Address) -> Result<Option<Entry>, CaldavError> {
    let mut hosts = 0;
    let reply = loop {
        match client.try_propfind(&address, WHO).await {
            Err(FetchError::CrossHostRedirect(to)) if hosts < MAX_HOSTS => {
                address = client.follow(&address, to.reveal())?;
                hosts += 1;
            }
            other => break other?,
        }
    };
    if matches!(reply.status, 200..=206 | 208..=299 | 300..=399 | 404 | 405 | 410 | 501) {
        return Ok(None);
    }
    let reply = multistatus(reply)?;
    Document::read(&reply.body)?.with(|root| {
        let Some(response) = responses(root)?.next() else { return Ok(None) };
        let principal = response.property(DAV, "current-user-principal");
        if principal.is_some_and(|principal| children(principal, DAV, "unauthenticated").next().is_some()) {
            return Err(CaldavError::WrongPassword);
        }
        let kinds = response.property(DAV, "resourcetype");
        let entry = Entry {
            at: reply.address.clone(),
            principal: principal.and_then(href),
            homes: response.property(CALDAV, "calendar-home-set").into_iter().flat_map(hrefs).collect(),
            is_calendar: kinds.is_some_and(|kinds| children(kinds, CALDAV, "calendar").next().is_some()),
        };
        Ok((entry.principal.is_some() || !entry.homes.is_empty() || entry.is_calendar).then_some(entry))
    })?
}

/// A principal's homes, and the addresses it is invited at.
async fn homes_of(client: &Caldav, principal: &Address) -> Result<(Vec<String>, Vec<String>), CaldavError> {
    let reply = multistatus(client.propfind(principal, Depth::Zero, HOMES).await?)?;
    Document::read(&reply.body)?.with(|root| {
        let Some(response) = responses(root)?.next() else { return Err(CaldavError::Unreadable) };
        let all = |name| response.property(CALDAV, name).into_iter().flat_map(hrefs).collect::<Vec<_>>();
        Ok((all("calendar-home-set"), all("calendar-user-address-set")))
    })?
}

/// The calendars in a home.
async fn list(client: &Caldav, home: &Address) -> Result<Vec<RemoteCalendar>, CaldavError> {
    let reply = multistatus(client.propfind(home, Depth::One, PROPERTIES).await?)?;
    Document::read(&reply.body)?.with(|root| {
        let mut calendars = Vec::new();
        for response in responses(root)? {
            let Some(href) = response.href() else { continue };
            // Things on hosts that the password is not for are not this account's to read.
            let Ok(address) = client.follow(&reply.address, &href) else { continue };
            calendars.extend(RemoteCalendar::of(response, address));
        }
        Ok(calendars)
    })?
}

fn hrefs(property: roxmltree::Node<'_, '_>) -> Vec<String> {
    children(property, DAV, "href").filter_map(text).collect()
}
