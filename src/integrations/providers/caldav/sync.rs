use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Caldav, CaldavError,
    client::{escaped, multistatus},
    xml::{CALENDAR_SERVER, DAV, Document, responses},
};
use crate::integrations::safe_fetch::{Address, Depth};

const MARKS: &str = "<propfind xmlns=\"DAV:\" xmlns:S=\"http://calendarserver.org/ns/\"><prop><sync-token/><S:getctag/></prop></propfind>";
const ETAGS: &str = "<propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>";

/// What a calendar was like when it was read, in the best way its server has. To be taken before the reading, so that a change
/// during it shows the next time. Kept as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncMark {
    /// RFC 6578's token: opaque, not always a URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_token: Option<String>,
    /// `getctag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ctag: Option<String>,
    /// A hash over the names and versions of all objects, for servers that have neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etags: Option<String>,
}

/// Whether a calendar is as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is.
    Unchanged,
    /// It is not, or nobody knows; this is what it is like now.
    Changed(SyncMark),
}

/// Whether anything in a calendar changed since `mark`. Without a mark everything did. A server that does not know the token any more
/// (Radicale answers 403, Xandikos 412) is asked by `getctag`, one without either for its list of versions.
///
/// # Errors
/// `Gone` when there is no such calendar any more; see [`CaldavError`].
pub async fn changed_since(client: &Caldav, calendar: &Address, mark: Option<&SyncMark>) -> Result<Change, CaldavError> {
    if let Some(token) = mark.and_then(|mark| mark.sync_token.as_deref()) {
        match nothing_since(client, calendar, token).await {
            Ok(true) => return Ok(Change::Unchanged),
            Ok(false) => return Ok(Change::Changed(current(client, calendar).await?)),
            Err(error) if may_be_the_token(&error) => {}
            Err(error) => return Err(error),
        }
    }
    let now = current(client, calendar).await?;
    // After a token that was not accepted only a ctag can say that nothing changed.
    let same = |mark: &SyncMark| match (&mark.ctag, &mark.etags) {
        (Some(ctag), _) => now.ctag.as_ref() == Some(ctag),
        (None, Some(etags)) => now.etags.as_ref() == Some(etags),
        (None, None) => false,
    };
    // A mark with a token that failed is replaced, or it would fail each time.
    let stale_token = mark.is_some_and(|mark| mark.sync_token.is_some());
    Ok(if mark.is_some_and(same) && !stale_token { Change::Unchanged } else { Change::Changed(now) })
}

/// Whether the server says that nothing changed since `token`. Deletions are responses too, with a 404.
async fn nothing_since(client: &Caldav, calendar: &Address, token: &str) -> Result<bool, CaldavError> {
    // No limit: on some servers what is beyond it is lost.
    let body = format!(
        "<sync-collection xmlns=\"DAV:\"><sync-token>{}</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>",
        escaped(token)
    );
    let reply = multistatus(client.report(calendar, Depth::Zero, &body).await?)?;
    Document::read(&reply.body)?.with(|root| Ok(responses(root)?.next().is_none()))?
}

/// Whether an error may be about the token alone: not accepted, not understood, or the report not offered.
fn may_be_the_token(error: &CaldavError) -> bool {
    match error {
        CaldavError::Forbidden(_) | CaldavError::Precondition(_) | CaldavError::Unreadable => true,
        // Some servers fail on a token that is not of their own form.
        CaldavError::Status(status) => matches!(status, 400 | 405 | 415 | 422 | 500 | 501 | 507),
        _ => false,
    }
}

/// What a calendar is like now.
async fn current(client: &Caldav, calendar: &Address) -> Result<SyncMark, CaldavError> {
    let reply = multistatus(client.propfind(calendar, Depth::Zero, MARKS).await?)?;
    let mark = Document::read(&reply.body)?.with(|root| {
        let Some(response) = responses(root)?.next() else { return Err(CaldavError::Unreadable) };
        if matches!(response.status(), Some(404 | 410)) {
            return Err(CaldavError::Gone);
        }
        let (sync_token, ctag) = (response.property_text(DAV, "sync-token"), response.property_text(CALENDAR_SERVER, "getctag"));
        Ok(SyncMark { sync_token, ctag, etags: None })
    })??;
    if mark.sync_token.is_some() || mark.ctag.is_some() {
        return Ok(mark);
    }
    Ok(SyncMark { etags: Some(versions(client, calendar).await?), ..SyncMark::default() })
}

async fn versions(client: &Caldav, calendar: &Address) -> Result<String, CaldavError> {
    let reply = multistatus(client.propfind(calendar, Depth::One, ETAGS).await?)?;
    let mut versions = Document::read(&reply.body)?.with(|root| {
        let all = responses(root)?.map(|response| (response.href(), response.property_text(DAV, "getetag")));
        Ok::<_, CaldavError>(all.collect::<Vec<_>>())
    })??;
    versions.sort_unstable();
    let digest = Sha256::digest(format!("{versions:?}"));
    Ok(digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}
