//! A mail as HTML: no tables, no pictures, nothing loaded from anywhere; styles stand at their elements, since many programs read no
//! others, and one style sheet makes it dark where it is read.

use super::content::{Block, Content, Fact, one_line};

const PAGE: &str = "margin:0;padding:24px 12px;background:#faf9f6;color:#1c1a17;\
     font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5";
const CARD: &str = "max-width:560px;margin:0 auto;padding:28px 24px;background:#ffffff;border:1px solid #e4e0d6;border-radius:14px";
const BRAND: &str = "margin:0 0 20px;font-size:15px;font-weight:700;color:#1e6b52";
const HEADING: &str = "margin:0 0 12px;font-size:24px;line-height:1.25;font-weight:700";
const TEXT: &str = "margin:0 0 16px";
const SMALL: &str = "margin:0 0 12px;font-size:14px;color:#625b50";
const FACTS: &str = "margin:0 0 20px;padding:4px 16px;background:#f3f1eb;border-radius:10px";
const FACT: &str = "margin:10px 0";
const LABEL: &str = "display:block;font-size:13px;color:#625b50";
const QUOTE_HEADING: &str = "margin:0 0 4px;font-size:13px;color:#625b50";
const QUOTE: &str = "margin:0 0 20px;padding:0 0 0 14px;border-left:3px solid #1e6b52";
const BUTTON: &str = "display:inline-block;padding:12px 22px;background:#1e6b52;color:#ffffff;text-decoration:none;font-weight:600;\
     border-radius:10px";
const LINK: &str = "color:#1e6b52;word-break:break-all";
const FOOTER: &str = "max-width:560px;margin:16px auto 0;padding:0 24px;font-size:13px;color:#625b50";

const DARK: &str = "@media (prefers-color-scheme: dark){\
     .m-page{background:#121311!important;color:#efece5!important}\
     .m-card{background:#1a1c19!important;border-color:#2d302b!important}\
     .m-sunk{background:#121311!important}\
     .m-muted{color:#a8a296!important}\
     .m-accent{color:#74c7a6!important}\
     .m-quote{border-color:#74c7a6!important}\
     .m-button{background:#74c7a6!important;color:#0c1f18!important}}";

/// The HTML document.
pub(super) fn html_of(content: &Content, site: &str) -> String {
    let title = escaped(&one_line(&content.subject));
    let body: String = content.blocks.iter().map(block).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"supported-color-schemes\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>{DARK}</style>\n</head>\n\
         <body class=\"m-page\" style=\"{PAGE}\">\n<div class=\"m-card\" style=\"{CARD}\">\n\
         <p class=\"m-accent\" style=\"{BRAND}\">{}</p>\n<h1 style=\"{HEADING}\">{}</h1>\n{body}</div>\n\
         <p class=\"m-muted\" style=\"{FOOTER}\">{}</p>\n</body>\n</html>\n",
        escaped(&content.language),
        escaped(site),
        escaped(&one_line(&content.heading)),
        escaped(&content.footer),
    )
}

fn block(block: &Block) -> String {
    match block {
        Block::Text(words) => format!("<p style=\"{TEXT}\">{}</p>\n", escaped(words)),
        Block::Small(words) => format!("<p class=\"m-muted\" style=\"{SMALL}\">{}</p>\n", escaped(words)),
        Block::Facts(facts) => {
            let facts: String = facts.iter().map(fact).collect();
            format!("<div class=\"m-sunk\" style=\"{FACTS}\">\n{facts}</div>\n")
        }
        Block::Quote(heading, words) => {
            let lines: Vec<String> = words.lines().map(escaped).collect();
            format!(
                "<p class=\"m-muted\" style=\"{QUOTE_HEADING}\">{}</p>\n<blockquote class=\"m-quote\" style=\"{QUOTE}\">{}</blockquote>\n",
                escaped(heading),
                lines.join("<br>\n")
            )
        }
        Block::Button(words, link) => format!(
            "<p style=\"margin:0 0 20px\"><a class=\"m-button\" href=\"{}\" style=\"{BUTTON}\">{}</a></p>\n",
            address(link),
            escaped(words)
        ),
        Block::Address(words, link) => format!(
            "<p class=\"m-muted\" style=\"{SMALL}\">{}<br><a class=\"m-accent\" href=\"{}\" style=\"{LINK}\">{}</a></p>\n",
            escaped(words),
            address(link),
            escaped(link)
        ),
    }
}

fn fact(fact: &Fact) -> String {
    let Fact { label, value, link } = fact;
    let link = link.as_ref().map(|link| match address(link) {
        address if address.is_empty() => format!("<br>\n{}", escaped(link)),
        address => format!("<br>\n<a class=\"m-accent\" href=\"{address}\" style=\"{LINK}\">{}</a>", escaped(link)),
    });
    format!(
        "<p style=\"{FACT}\"><span class=\"m-muted\" style=\"{LABEL}\">{}</span>\n{}{}</p>\n",
        escaped(label),
        escaped(value),
        link.unwrap_or_default()
    )
}

/// A link's target, escaped; nothing but http and https leads anywhere.
fn address(link: &str) -> String {
    let leads = link.starts_with("https://") || link.starts_with("http://");
    if leads { escaped(link) } else { String::new() }
}

/// `text` as text or an attribute of HTML. Control characters have no place in it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_stays_text() {
        let evil = "<img src=x onerror=alert(1)>\"'&\u{7}";
        let content = Content {
            language: "en".into(),
            subject: evil.into(),
            heading: evil.into(),
            blocks: vec![
                Block::Text(evil.into()),
                Block::Facts(vec![Fact::new(evil.into(), evil).with_link(Some("javascript:alert(1)".into()))]),
                Block::Quote(evil.into(), format!("{evil}\n{evil}")),
                Block::Button(evil.into(), "https://x.example/\"><script>".into()),
            ],
            footer: evil.into(),
        };
        let html = html_of(&content, evil);
        assert!(!html.contains("<img") && !html.contains("<script") && !html.contains("\"'&\u{7}"), "{html}");
        assert!(!html.contains("href=\"javascript"), "{html}");
        assert_eq!(html.matches("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp; ").count(), 10 - 1, "{html}");
    }
}
