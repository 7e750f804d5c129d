use std::sync::LazyLock;

use leptos::prelude::*;
use wellmet::time::Zone;

/// The choice of a zone in the picker, without a label, with `chosen` in force. Its options are the largest part of the page and always the
/// same, so their text is put together once.
pub(super) fn zone_select(chosen: &str) -> impl IntoView + use<> {
    view! { <select id="tz" name="tz" class="input" inner_html=options(chosen)></select> }
}

static OPTIONS: LazyLock<String> = LazyLock::new(|| Zone::all_names().iter().map(|name| option(name, "")).collect());

/// Every zone on offer, with `chosen` selected; first, if it goes by an old name, which is not among them.
fn options(chosen: &str) -> String {
    let selected = option(chosen, " selected");
    match OPTIONS.split_once(&option(chosen, "")) {
        Some((before, after)) => [before, &selected, after].concat(),
        None => [&selected, OPTIONS.as_str()].concat(),
    }
}

/// An option as text. One without a value is worth its words.
fn option(name: &str, mark: &str) -> String {
    let name = name.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let words = name.replace('_', " ");
    if words == name { format!("<option{mark}>{words}</option>") } else { format!("<option value=\"{name}\"{mark}>{words}</option>") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_zone_is_selected_and_every_other_is_there_once() {
        for chosen in ["Europe/Lisbon", "America/New_York", "UTC"] {
            let html = options(chosen);
            assert_eq!(html.matches(" selected>").count(), 1);
            assert!(html.contains(&option(chosen, " selected")), "{chosen}");
            assert_eq!(html.matches("<option").count(), Zone::all_names().len());
        }
    }

    #[test]
    fn an_old_name_stays_chosen() {
        let html = options("Asia/Calcutta");
        assert!(html.starts_with("<option selected>Asia/Calcutta</option>"), "{html}");
        assert_eq!(html.matches("<option").count(), Zone::all_names().len() + 1);
    }

    #[test]
    fn a_name_cannot_leave_its_option() {
        assert_eq!(option("\"><b>&_", ""), "<option value=\"&quot;>&lt;b>&amp;_\">&quot;>&lt;b>&amp; </option>");
    }
}
