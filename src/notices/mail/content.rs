//! What a mail says, before it is HTML or plain text: both are made of the same blocks, so neither lacks anything.

/// A mail's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The language's tag.
    pub language: String,
    /// The subject line.
    pub subject: String,
    /// The first line of the mail itself.
    pub heading: String,
    /// What follows, in order.
    pub blocks: Vec<Block>,
    /// Why this mail is sent, at its end.
    pub footer: String,
}

/// A piece of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A sentence or two.
    Text(String),
    /// The same, less important.
    Small(String),
    /// What is what, one below the other.
    Facts(Vec<Fact>),
    /// What somebody wrote, under its heading. Several lines.
    Quote(String, String),
    /// The one thing to press: its words and where it leads.
    Button(String, String),
    /// An address to copy, with a sentence before it.
    Address(String, String),
}

/// One line of facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// The words.
    pub value: String,
    /// Where it leads, shown in full.
    pub link: Option<String>,
}

impl Fact {
    /// A fact in words.
    pub fn new(label: String, value: impl Into<String>) -> Self {
        Self { label, value: value.into(), link: None }
    }

    /// The same with a link below.
    pub fn with_link(self, link: Option<String>) -> Self {
        Self { link, ..self }
    }
}

/// `text` on one line, as headers and calendars need it: what a person typed never begins another.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// The plain text.
pub(super) fn text_of(content: &Content) -> String {
    let mut text = format!("{}\n", one_line(&content.heading));
    for block in &content.blocks {
        text.push('\n');
        match block {
            Block::Text(words) | Block::Small(words) => line(&mut text, &one_line(words)),
            Block::Facts(facts) => {
                for fact in facts {
                    line(&mut text, &format!("{}: {}", fact.label, one_line(&fact.value)));
                    if let Some(link) = &fact.link {
                        line(&mut text, &format!("  {}", one_line(link)));
                    }
                }
            }
            Block::Quote(heading, words) => {
                line(&mut text, &format!("{}:", one_line(heading)));
                words.lines().for_each(|words| line(&mut text, format!("> {}", one_line(words)).trim_end()));
            }
            // On a line of its own, so that every program makes a link of all of it.
            Block::Button(words, link) => line(&mut text, &format!("{words}:\n{link}")),
            // The button's line has it.
            Block::Address(..) => {
                text.pop();
            }
        }
    }
    format!("{text}\n-- \n{}\n", content.footer)
}

fn line(text: &mut String, words: &str) {
    text.push_str(words);
    text.push('\n');
}
