//! Content lines and components (RFC 5545, 3.1 and 3.4): the form, not the meaning.

use super::IcalError;

/// Components inside components, at most so deep: VCALENDAR, VEVENT, VALARM and room for inventions.
const MAX_DEPTH: usize = 12;

/// A component with its properties, and the components in it.
#[derive(Debug, Default)]
pub(super) struct Component {
    /// Upper case: `VEVENT`.
    pub(super) name: String,
    pub(super) properties: Vec<Property>,
    pub(super) children: Vec<Component>,
}

/// One property: `NAME;PARAM=value:value`.
#[derive(Debug)]
pub(super) struct Property {
    /// Upper case, without a group in front.
    pub(super) name: String,
    parameters: Vec<(String, String)>,
    /// As written: lists and escapes are for who knows the type.
    pub(super) value: String,
}

impl Component {
    /// The first property of that name.
    pub(super) fn first(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// All properties of that name, in order.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Property> {
        self.properties.iter().filter(move |property| property.name == name)
    }

    /// The value of the first property of that name, trimmed and in upper case: for words that stand for themselves.
    pub(super) fn word(&self, name: &str) -> Option<String> {
        self.first(name).map(|property| property.value.trim().to_ascii_uppercase())
    }
}

impl Property {
    /// The value of a parameter, without quotes.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter is that word, in any case.
    pub(super) fn parameter_is(&self, name: &str, word: &str) -> bool {
        self.parameter(name).is_some_and(|value| value.trim().eq_ignore_ascii_case(word))
    }

    /// A text value: `\n`, `\,`, `\;` and `\\` undone.
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(self.value.len());
        let mut chars = self.value.chars();
        while let Some(c) = chars.next() {
            match (c, c == '\\') {
                (_, true) => match chars.next() {
                    Some('n' | 'N') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => {}
                },
                (c, false) => text.push(c),
            }
        }
        text
    }

    /// One line, unfolded. `None` without a name or a colon.
    fn parse(line: &str) -> Option<Self> {
        let colon = outside_quotes(line, b':')?;
        let (head, value) = (line.get(..colon)?, line.get(colon + 1..)?);
        let mut parts = split_outside_quotes(head, b';').into_iter();
        let name = parts.next()?.trim();
        let name = name.rsplit('.').next()?.to_ascii_uppercase();
        if name.is_empty() {
            return None;
        }
        let parameters = parts.filter_map(|part| {
            let (name, value) = part.split_once('=')?;
            Some((name.trim().to_ascii_uppercase(), value.replace('"', "")))
        });
        Some(Self { name, parameters: parameters.collect(), value: value.to_owned() })
    }
}

/// The calendars of a file, in order: normally one. Fails on what is not iCalendar, on a file that ends in the middle and
/// on more than `max` components. Lines that are not properties are left out.
pub(super) fn calendars(file: &[u8], max: usize) -> Result<Vec<Component>, IcalError> {
    let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    let mut tree = Tree { open: Vec::new(), done: Vec::new(), left: max };
    for line in unfold(file) {
        let Some(property) = Property::parse(&line) else { continue };
        match property.name.as_str() {
            "BEGIN" => tree.begin(property.value.trim().to_ascii_uppercase())?,
            "END" => tree.end(property.value.trim()),
            _ => {
                if let Some(component) = tree.open.last_mut() {
                    component.properties.push(property);
                }
            }
        }
    }
    if !tree.open.is_empty() {
        return Err(IcalError::CutShort);
    }
    if tree.done.is_empty() { Err(IcalError::NotACalendar) } else { Ok(tree.done) }
}

struct Tree {
    open: Vec<Component>,
    done: Vec<Component>,
    left: usize,
}

impl Tree {
    fn begin(&mut self, name: String) -> Result<(), IcalError> {
        if self.open.is_empty() && name != "VCALENDAR" {
            return Err(IcalError::NotACalendar);
        }
        self.left = self.left.checked_sub(1).ok_or(IcalError::TooLarge)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(IcalError::TooLarge);
        }
        self.open.push(Component { name, ..Component::default() });
        Ok(())
    }

    /// Closes the component of that name and what was left open inside it; a name that is not open closes nothing.
    fn end(&mut self, name: &str) {
        let Some(depth) = self.open.iter().rposition(|component| component.name.eq_ignore_ascii_case(name)) else { return };
        while self.open.len() > depth {
            let Some(closed) = self.open.pop() else { return };
            match self.open.last_mut() {
                Some(parent) => parent.children.push(closed),
                None => self.done.push(closed),
            }
        }
    }
}

/// Logical lines. A break is LF or CRLF; a line that begins with a space or tab continues the one before. Unfolding comes
/// before decoding, since writers may break a line inside a character.
fn unfold(file: &[u8]) -> impl Iterator<Item = String> + '_ {
    let mut rest = file.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).peekable();
    std::iter::from_fn(move || {
        let mut line = rest.next()?.to_vec();
        while let Some(more) = rest.next_if(|next| matches!(next.first(), Some(b' ' | b'\t'))) {
            line.extend(more.iter().skip(1));
        }
        Some(String::from_utf8_lossy(&line).into_owned())
    })
}

fn outside_quotes(text: &str, wanted: u8) -> Option<usize> {
    let mut quoted = false;
    text.bytes().position(|byte| {
        quoted ^= byte == b'"';
        !quoted && byte == wanted
    })
}

fn split_outside_quotes(text: &str, separator: u8) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = outside_quotes(rest, separator) {
        let (part, more) = rest.split_at(at);
        parts.push(part);
        rest = more.get(1..).unwrap_or("");
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Component {
        calendars(text.as_bytes(), 100).unwrap().remove(0)
    }

    #[test]
    fn folds_escapes_quotes_and_bare_line_feeds() {
        let calendar = one("\u{feff}BEGIN:VCALENDAR\nX-WR-CALNAME:Caf\n \\, one\\;two\\nthree\\\\\r\nbegin:vevent\r\n\
             DTSTART;TZID=\"Europe/Paris\";X=\"a;b:c\":2026\r\n\t1120T\r\n 090000\r\nBEGIN:VALARM\nDTSTART:x\nEND:VALARM\nnonsense\nEND:VEVENT\nEND:VCALENDAR");
        assert_eq!(calendar.first("X-WR-CALNAME").unwrap().text(), "Caf, one;two\nthree\\");
        let start = calendar.children[0].first("DTSTART").unwrap();
        assert_eq!(
            (start.value.as_str(), start.parameter("TZID"), start.parameter("X")),
            ("20261120T090000", Some("Europe/Paris"), Some("a;b:c"))
        );
        assert_eq!(calendar.children[0].all("DTSTART").count(), 1, "an alarm's properties are its own");
    }

    #[test]
    fn a_character_may_be_folded() {
        let mut file = b"BEGIN:VCALENDAR\r\nNAME:Caf\xc3\r\n \xa9\r\nEND:VCALENDAR\r\n".to_vec();
        assert_eq!(calendars(&file, 9).unwrap()[0].first("NAME").unwrap().value, "Café");
        file.truncate(file.len() - 8);
        assert_eq!(calendars(&file, 9).unwrap_err(), IcalError::CutShort);
    }

    #[test]
    fn what_is_not_a_calendar_or_too_much_is_refused() {
        assert_eq!(calendars(b"<html></html>", 9).unwrap_err(), IcalError::NotACalendar);
        assert_eq!(calendars(b"", 9).unwrap_err(), IcalError::NotACalendar);
        assert_eq!(calendars(b"BEGIN:VCARD\nEND:VCARD", 9).unwrap_err(), IcalError::NotACalendar);
        let many = format!("BEGIN:VCALENDAR\n{}END:VCALENDAR", "BEGIN:VEVENT\nEND:VEVENT\n".repeat(9));
        assert_eq!(calendars(many.as_bytes(), 9).unwrap_err(), IcalError::TooLarge);
        assert_eq!(calendars("BEGIN:VCALENDAR\n".repeat(99).as_bytes(), 99).unwrap_err(), IcalError::TooLarge);
    }
}
