//! Answers of `WebDAV`, by namespace: prefixes and order differ from server to server.

use roxmltree::{Node, ParsingOptions};

use super::CaldavError;

pub(super) const DAV: &str = "DAV:";
pub(super) const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
/// `getctag`.
pub(super) const CALENDAR_SERVER: &str = "http://calendarserver.org/ns/";
/// `calendar-color`.
pub(super) const APPLE: &str = "http://apple.com/ns/ical/";

/// More elements than any answer within the size limit should need.
const MAX_NODES: u32 = 500_000;

/// The text of an answer.
pub(super) struct Document<'a>(&'a str);

impl<'a> Document<'a> {
    /// Takes a body for text.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, CaldavError> {
        std::str::from_utf8(body).map(Self).map_err(|_| CaldavError::Unreadable)
    }

    /// Reads the root element. Document types, and with them entities of the server's making, are refused.
    pub(super) fn with<T>(&self, read: impl FnOnce(Node<'_, '_>) -> T) -> Result<T, CaldavError> {
        let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
        let document = roxmltree::Document::parse_with_options(self.0, options).map_err(|_| CaldavError::Unreadable)?;
        Ok(read(document.root_element()))
    }
}

/// The child elements of that name.
pub(super) fn children<'a, 'i>(node: Node<'a, 'i>, namespace: &'static str, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| child.has_tag_name((namespace, name)))
}

/// The first child element of that name.
pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, namespace: &'static str, name: &'static str) -> Option<Node<'a, 'i>> {
    children(node, namespace, name).next()
}

/// All text in an element, in pieces or not, without the space around it. `None` if there is none.
pub(super) fn text(node: Node<'_, '_>) -> Option<String> {
    let text: String = node.children().filter_map(|child| child.text().filter(|_| child.is_text())).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The `href` in a property such as `current-user-principal`.
pub(super) fn href(property: Node<'_, '_>) -> Option<String> {
    text(child(property, DAV, "href")?)
}

/// The precondition that a `DAV:error` names (RFC 4918, 16).
pub(super) fn precondition(root: Node<'_, '_>) -> Option<String> {
    condition(root).map(|condition| condition.tag_name().name().to_owned())
}

/// Where the thing is that a precondition of a `DAV:error` is about.
pub(super) fn precondition_href(root: Node<'_, '_>) -> Option<String> {
    condition(root).and_then(href)
}

fn condition<'a, 'i>(root: Node<'a, 'i>) -> Option<Node<'a, 'i>> {
    let error = if root.has_tag_name((DAV, "error")) { root } else { root.descendants().find(|node| node.has_tag_name((DAV, "error")))? };
    error.children().find(Node::is_element)
}

/// One `response` of a multistatus (RFC 4918, 13).
#[derive(Clone, Copy)]
pub(super) struct Response<'a, 'i>(Node<'a, 'i>);

/// The responses of a multistatus; an error if the root is something else.
pub(super) fn responses<'a, 'i>(root: Node<'a, 'i>) -> Result<impl Iterator<Item = Response<'a, 'i>>, CaldavError> {
    if !root.has_tag_name((DAV, "multistatus")) {
        return Err(CaldavError::Unreadable);
    }
    Ok(children(root, DAV, "response").map(Response))
}

impl<'a, 'i> Response<'a, 'i> {
    /// What it is about.
    pub(super) fn href(self) -> Option<String> {
        href(self.0)
    }

    /// The status of the response as a whole, if it has one.
    pub(super) fn status(self) -> Option<u16> {
        child(self.0, DAV, "status").and_then(status)
    }

    /// A property that the server found.
    pub(super) fn property(self, namespace: &'static str, name: &'static str) -> Option<Node<'a, 'i>> {
        // Without a status a propstat is taken for found: nothing says otherwise.
        let found =
            |propstat: &Node<'a, 'i>| child(*propstat, DAV, "status").and_then(status).is_none_or(|status| (200..300).contains(&status));
        let mut props = children(self.0, DAV, "propstat").filter(found).flat_map(|propstat| children(propstat, DAV, "prop"));
        props.find_map(|prop| child(prop, namespace, name))
    }

    /// The text of a property that the server found.
    pub(super) fn property_text(self, namespace: &'static str, name: &'static str) -> Option<String> {
        self.property(namespace, name).and_then(text)
    }
}

/// `HTTP/1.1 404 Not Found`.
fn status(node: Node<'_, '_>) -> Option<u16> {
    text(node)?.split_whitespace().nth(1)?.parse().ok()
}
