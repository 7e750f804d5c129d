use leptos::prelude::*;

/// Someone's initials in a circle of a colour that their name alone decides. Says nothing to a screen reader: the
/// name stands beside it.
#[component]
pub fn FaceMark(
    /// The whole name.
    #[prop(into)]
    name: String,
    /// 64 pixels instead of 36.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let class = format!("face {}{}", COLOURS[colour(&name)], if large { " face-large" } else { "" });
    view! { <span class=class aria-hidden="true">{initials(&name)}</span> }
}

// Whole names, so that the style sheet's compiler finds them.
const COLOURS: [&str; 6] = ["face-moss", "face-clay", "face-slate", "face-plum", "face-sand", "face-teal"];

fn colour(name: &str) -> usize {
    name.bytes().fold(7_usize, |sum, byte| (sum * 31 + usize::from(byte)) % 9973) % COLOURS.len()
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut firsts = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = firsts.next();
    [first, firsts.next_back()].into_iter().flatten().flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn first_and_last_word_count() {
        assert_eq!(initials("Maya Lindqvist"), "ML");
        assert_eq!(initials("ana maria da silva"), "AS");
        assert_eq!(initials("Zoë"), "Z");
        assert_eq!(initials("(…)"), "");
    }
}
