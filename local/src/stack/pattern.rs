//! The filter patterns of a stream mapping, as Lambda evaluates them: those of their rules that the template uses.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>

use serde_json::Value;

/// A pattern: a record passes if each of its conditions holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Value);

impl Pattern {
    /// Reads a pattern; None where it is no JSON object, or has a rule that is not followed here.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let pattern: Value = serde_json::from_str(text).ok()?;
        (pattern.is_object() && is_followed(&pattern)).then_some(Self(pattern))
    }

    /// Whether the record passes.
    pub(crate) fn passes(&self, record: &Value) -> bool {
        holds(&self.0, Some(record))
    }
}

fn is_followed(pattern: &Value) -> bool {
    match pattern {
        Value::Object(members) => members.values().all(is_followed),
        Value::Array(rules) => !rules.is_empty() && rules.iter().all(|rule| rule.is_string() || exists(rule).is_some()),
        _ => false,
    }
}

/// What a rule about existence demands.
fn exists(rule: &Value) -> Option<bool> {
    let members = rule.as_object().filter(|members| members.len() == 1)?;
    members.get("exists")?.as_bool()
}

fn holds(pattern: &Value, value: Option<&Value>) -> bool {
    match pattern {
        Value::Object(members) => members.iter().all(|(name, pattern)| holds(pattern, value.and_then(|v| v.get(name)))),
        Value::Array(rules) => rules.iter().any(|rule| rule_holds(rule, value)),
        _ => false,
    }
}

/// `exists` looks at leaf nodes only: to it, an object is not there.
fn rule_holds(rule: &Value, value: Option<&Value>) -> bool {
    let leaf = value.filter(|value| !value.is_object());
    exists(rule).map_or_else(|| leaf == Some(rule), |wanted| leaf.is_some() == wanted)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_passes_if_every_condition_holds() {
        let record =
            json!({"eventName": "INSERT", "dynamodb": {"NewImage": {"summary": {"M": {"family": {"S": "call"}}}}}});
        for (pattern, passes) in [
            (r#"{"eventName":["INSERT"]}"#, true),
            (r#"{"eventName":["MODIFY","INSERT"]}"#, true),
            (r#"{"eventName":["MODIFY"]}"#, false),
            (r#"{"dynamodb":{"NewImage":{"summary":{"M":{"family":{"S":[{"exists":true}]}}}}}}"#, true),
            (r#"{"dynamodb":{"NewImage":{"summary":[{"exists":true}]}}}"#, false),
            (r#"{"dynamodb":{"NewImage":{"day":{"S":[{"exists":true}]}}}}"#, false),
            (r#"{"dynamodb":{"NewImage":{"day":{"S":[{"exists":false}]}}}}"#, true),
            (r#"{"eventName":["INSERT"],"dynamodb":{"NewImage":{"day":{"S":["x"]}}}}"#, false),
            ("{}", true),
        ] {
            assert_eq!(Pattern::read(pattern).unwrap().passes(&record), passes, "{pattern}");
        }
    }

    #[test]
    fn a_rule_that_is_not_followed_here_is_no_pattern() {
        for pattern in ["", "[]", r#"{"a":[]}"#, r#"{"a":"x"}"#, r#"{"a":[{"prefix":"x"}]}"#, r#"{"a":[{"exists":1}]}"#]
        {
            assert_eq!(Pattern::read(pattern), None, "{pattern}");
        }
    }
}
