//! The documented form of a reply. Every scalar is a string, an empty element is `{}`, and a list of one is an object
//! where a list of several is an array. doc, seen

use serde_json::{Map, Value, json};

use crate::form::Form;
use crate::knobs::Place;

/// What an action came to.
pub(crate) type Outcome = Result<Done, Refused>;

/// An action that was carried out.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) result: Value,
    /// The session that it opened.
    pub(crate) opened: Option<String>,
}

/// An action that was not.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) place: Place,
    pub(crate) valid: Validity,
    pub(crate) errors: Vec<ApiError>,
}

/// Whether the request's parameters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validity {
    Valid,
    Invalid,
}

#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) parameter: Option<String>,
}

/// Who is logged in.
pub(crate) struct Established {
    pub(crate) session_id: String,
    pub(crate) user_id: String,
}

impl Done {
    pub(crate) fn new(result: Value) -> Self {
        Self { result, opened: None }
    }
}

impl Refused {
    /// A parameter is wrong. seen: such a request is not valid
    pub(crate) fn parameter(name: &str, code: &str, message: &str) -> Self {
        Self { place: Place::Request, valid: Validity::Invalid, errors: vec![ApiError::new(code, message, Some(name))] }
    }

    /// The request is valid, and the action fails. doc
    pub(crate) fn action(code: &str, message: &str) -> Self {
        Self { place: Place::Action, valid: Validity::Valid, errors: vec![ApiError::new(code, message, None)] }
    }
}

impl ApiError {
    pub(crate) fn new(code: &str, message: &str, parameter: Option<&str>) -> Self {
        Self { code: code.to_owned(), message: message.to_owned(), parameter: parameter.map(str::to_owned) }
    }

    fn to_json(&self) -> Value {
        let mut error = Map::new();
        if let Some(parameter) = &self.parameter {
            error.insert("Parameter".to_owned(), json!(parameter));
        }
        error.insert("Code".to_owned(), json!(self.code));
        error.insert("Message".to_owned(), json!(self.message));
        Value::Object(error)
    }
}

/// A list's elements under their name. seen
pub(crate) fn list(name: &str, mut elements: Vec<Value>) -> Value {
    match elements.len() {
        0 => json!({}),
        1 => json!({ name: elements.remove(0) }),
        _ => json!({ name: elements }),
    }
}

/// The reply. `Result` is there only where the action was carried out. doc
pub(crate) fn reply(form: &Form, outcome: &Outcome, session: Option<&Established>, date_time: &str) -> Value {
    let refused = outcome.as_ref().err();
    let mut context = json!({
        "Action": { "IsCompleted": outcome.is_ok().to_string() },
        "Request": {
            "IsValid": refused.is_none_or(|refused| refused.valid == Validity::Valid).to_string(),
            "DateTime": date_time,
            "Duration": "8",
            "Parameters": parameters(form, outcome),
        },
        "Session": session_element(session),
    });
    if let Some(refused) = refused {
        let place = if refused.place == Place::Request { "Request" } else { "Action" };
        context[place]["Errors"] = list("Error", refused.errors.iter().map(ApiError::to_json).collect());
    }
    let mut response = json!({ "Context": context });
    if let Ok(done) = outcome {
        response["Result"] = json!({ form.text("Action"): done.result });
    }
    json!({ "Response": response })
}

/// All parameters as they came, tokens and session ids among them. A password is masked only where the action was
/// carried out. seen: both, for a login
fn parameters(form: &Form, outcome: &Outcome) -> Value {
    let shown = |name: &str, value: &str| {
        let masked = name == "Password" && outcome.is_ok();
        json!({ "Name": name, "Value": if masked { "******" } else { value } })
    };
    list("Parameter", form.all().map(|(name, value)| shown(name, value)).collect())
}

/// seen
fn session_element(session: Option<&Established>) -> Value {
    match session {
        None => json!({ "IsEstablished": "false" }),
        Some(Established { session_id, user_id }) => json!({
            "IsEstablished": "true",
            "SessionId": session_id,
            "UserId": user_id,
            "Roles": { "Role": { "Name": "Account Admin" } },
        }),
    }
}

/// The same as XML. doc
pub(crate) fn xml(reply: &Value) -> String {
    // The reply is one element, and the name space stands in it.
    let text = element_content(reply).replacen("<Response>", &format!("<Response xmlns=\"{NAME_SPACE}\">"), 1);
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n")
}

/// doc
pub(crate) const NAME_SPACE: &str = "http://www.jnctn.net/ns/rest/2006-01";

fn element_content(value: &Value) -> String {
    match value {
        Value::Object(children) => children.iter().map(|(name, child)| elements(name, child)).collect(),
        Value::String(text) => text.replace('&', "&amp;").replace('<', "&lt;"),
        other => other.to_string(),
    }
}

fn elements(name: &str, value: &Value) -> String {
    match value {
        Value::Array(several) => several.iter().map(|one| elements(name, one)).collect(),
        one => format!("<{name}>{}</{name}>", element_content(one)),
    }
}
