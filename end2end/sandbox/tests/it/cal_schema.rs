//! Holds answers against the published description of the API, whose path `CAL_COM_OPENAPI` names. Without it nothing is held against
//! anything, and the test that is about it says so.

use std::sync::OnceLock;

use serde_json::{Value, json};

fn description() -> Option<&'static Value> {
    static DESCRIPTION: OnceLock<Option<Value>> = OnceLock::new();
    let load = || {
        let path = std::env::var_os("CAL_COM_OPENAPI")?;
        let text = std::fs::read_to_string(path).expect("CAL_COM_OPENAPI names a file that can be read");
        Some(serde_json::from_str(&text).expect("CAL_COM_OPENAPI names a JSON file"))
    };
    DESCRIPTION.get_or_init(load).as_ref()
}

/// Whether there is a description to hold answers against.
pub(crate) fn is_there() -> bool {
    description().is_some()
}

/// Panics where `answer` is not what the description says of `method` on `template` with `status`.
pub(crate) fn check(method: &str, template: &str, status: u16, answer: &Value) {
    let Some(description) = description() else { return };
    let operation = &description["paths"][template][method.to_lowercase()];
    assert!(operation.is_object(), "{method} {template} is not described");
    let response = &operation["responses"][status.to_string()];
    assert!(response.is_object(), "{method} {template}: {status} is not described");
    let Some(schema) = response.pointer("/content/application~1json/schema") else { return };
    let mut problems = Vec::new();
    judge(description, schema, answer, template.to_owned(), &mut problems);
    assert!(problems.is_empty(), "{method} {template} {status}:\n{}\n{answer:#}", problems.join("\n"));
}

/// Goes through the parts of JSON Schema that the description uses.
fn judge(root: &Value, schema: &Value, value: &Value, at: String, problems: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = root.pointer(&reference[1..]).expect("a reference that leads somewhere");
        return judge(root, schema, value, at, problems);
    }
    if value.is_null() && schema["nullable"] == json!(true) {
        return;
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        judge(root, part, value, at.clone(), problems);
    }
    for several in ["oneOf", "anyOf"] {
        if let Some(ways) = schema[several].as_array() {
            let fits = |way: &Value| {
                let mut found = Vec::new();
                judge(root, way, value, at.clone(), &mut found);
                found.is_empty()
            };
            if !ways.iter().any(fits) {
                problems.push(format!("{at}: none of {several}"));
            }
        }
    }
    if value.is_null() {
        if schema["type"].is_string() {
            problems.push(format!("{at}: null"));
        }
        return;
    }
    let fits = match schema["type"].as_str() {
        // Declared as objects, numbers in truth: reference, "destinationCalendar".
        Some("object") => value.is_object() || at.ends_with("destinationCalendar.id"),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    if !fits {
        problems.push(format!("{at}: {value} is no {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
        problems.push(format!("{at}: {value} is not one of {}", schema["enum"]));
    }
    if schema["format"] == "date-time" && value.as_str().is_none_or(|text| text.parse::<jiff::Timestamp>().is_err()) {
        problems.push(format!("{at}: {value} is no instant"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        // Absent when nothing is connected, though marked as required.
        if value.get(name).is_none() && name != "destinationCalendar" {
            problems.push(format!("{at}.{name} is missing"));
        }
    }
    for (name, part) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(inner) = value.get(name) {
            judge(root, part, inner, format!("{at}.{name}"), problems);
        }
    }
    for inner in value.as_array().into_iter().flatten() {
        judge(root, &schema["items"], inner, format!("{at}[]"), problems);
    }
}

#[test]
fn a_description_is_held_against_answers_if_there_is_one() {
    if !is_there() {
        eprintln!("skipped: CAL_COM_OPENAPI is not set, answers are not held against the published description");
        return;
    }
    let mut problems = Vec::new();
    let root = description().unwrap();
    let schema = json!({ "$ref": "#/components/schemas/KeysResponseDto" });
    judge(root, &schema, &json!({ "status": "fine", "data": { "accessToken": 5 } }), "$".to_owned(), &mut problems);
    assert_eq!(problems.len(), 5, "{problems:?}");
}
