//! How queues feed functions, by the template.

use std::collections::BTreeMap;
use std::time::Duration;

use yaml_rust2::Yaml;

use super::{TemplateError, text};

/// A queue mapping's properties that show here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueueMapping {
    /// The queue's logical id.
    pub(crate) queue: String,
    /// How many messages one invocation gets at most.
    pub(crate) batch_size: i32,
    /// How long a message is hidden that a function was given.
    pub(crate) hidden: Duration,
}

/// The mappings of the functions that a queue feeds, by their logical ids.
pub(super) fn mappings(
    functions: &[(String, &Yaml)],
    resources: &Yaml,
) -> Result<BTreeMap<String, QueueMapping>, TemplateError> {
    let source = |function: &Yaml| {
        let events = function["Properties"]["Events"].as_hash()?;
        events.values().find(|event| event["Type"].as_str() == Some("SQS")).cloned()
    };
    let fed = functions.iter().filter_map(|(id, function)| Some((id, source(function)?)));
    fed.map(|(id, event)| Ok((id.clone(), mapping(&event["Properties"], resources, id)?))).collect()
}

fn mapping(properties: &Yaml, resources: &Yaml, function: &str) -> Result<QueueMapping, TemplateError> {
    let number = |of: &Yaml, name: &str| {
        let missing = || TemplateError::Missing { at: format!("the {name} of {function}'s queue"), kind: "number" };
        of[name].as_i64().and_then(|number| i32::try_from(number).ok()).ok_or_else(missing)
    };
    // `!GetAtt Queue.Arn`
    let queue = text(properties, "Queue", function)?.trim_end_matches(".Arn");
    let hidden = number(&resources[queue]["Properties"], "VisibilityTimeout")?;
    Ok(QueueMapping {
        queue: queue.to_owned(),
        batch_size: number(properties, "BatchSize")?,
        hidden: Duration::from_secs(hidden.unsigned_abs().into()),
    })
}
