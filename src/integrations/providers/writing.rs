//! What writers of events over plain HTTP share.

use reqwest::{RequestBuilder, header::IF_MATCH};

use super::{EventDraft, EventLink, EventState};

/// `request`, to be done only if the event is still in the state `etag`, where that is known.
pub(super) fn matching(request: RequestBuilder, etag: Option<&str>) -> RequestBuilder {
    match etag {
        Some(etag) => request.header(IF_MATCH, etag),
        None => request,
    }
}

/// `state`, with the link as `draft` wanted it: one that was asked for and that the event does not have cannot be had.
pub(super) fn wanted(state: EventState, draft: &EventDraft) -> EventState {
    let link = match (draft.wants_link, state.link) {
        (false, _) => EventLink::Unwanted,
        (true, EventLink::Unwanted) => EventLink::Impossible,
        (true, link) => link,
    };
    EventState { link, ..state }
}
