//! What the local stack takes from `template.yaml`: tables, topics, queues and the stream mapping, so that a laptop and
//! a deployment cannot drift apart. `CloudFormation`'s tags (`!Ref`, `!Sub`) are read as plain values, which is why the
//! template writes keys, indexes, streams and TTL attributes without them.

mod queue;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType,
};
use yaml_rust2::{Yaml, YamlLoader};

pub(crate) use self::queue::QueueMapping;
use crate::stack::pattern::Pattern;

/// The template that is deployed, as it stood when this was built.
const DEPLOYED: &str = include_str!("../../../template.yaml");

/// What the local stack stands up.
#[derive(Debug)]
pub(crate) struct Template {
    /// The tables, named by their logical ids.
    pub(crate) tables: Vec<Table>,
    /// The logical ids of the topics.
    pub(crate) topics: Vec<String>,
    /// The logical ids of the queues.
    pub(crate) queues: Vec<String>,
    /// The logical ids that the functions' variables refer to: of tables, topics and queues.
    pub(crate) references: BTreeMap<String, String>,
    /// How the events' stream feeds functions, by their logical ids.
    pub(crate) mappings: BTreeMap<String, StreamMapping>,
    /// How queues feed functions, by their logical ids.
    pub(crate) queue_mappings: BTreeMap<String, QueueMapping>,
}

/// A stream mapping's properties that show here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamMapping {
    /// How many records one invocation gets at most.
    pub(crate) batch_size: usize,
    /// A record is passed on if one of them lets it pass; all are where the template filters nothing.
    pub(crate) filters: Vec<Pattern>,
}

/// One `DynamoDB` table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// The logical id, which is also its name here.
    pub(crate) name: String,
    pub(crate) attributes: Vec<AttributeDefinition>,
    pub(crate) keys: Vec<KeySchemaElement>,
    pub(crate) indexes: Vec<GlobalSecondaryIndex>,
    pub(crate) stream: Option<StreamSpecification>,
    /// The attribute that holds an item's time of expiry.
    pub(crate) ttl: Option<String>,
}

/// Why a template cannot be stood up here.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// Not YAML.
    #[error("template.yaml is not YAML")]
    Syntax(#[from] yaml_rust2::ScanError),
    /// Something that the local stack needs is not there, or not a plain value.
    #[error("template.yaml: {at} must be a plain {kind}")]
    Missing {
        /// Where in the template.
        at: String,
        /// What is expected there.
        kind: &'static str,
    },
    /// A table's description lacks a part that `DynamoDB` demands.
    #[error("template.yaml: the table {table} is incomplete")]
    Incomplete {
        /// The logical id.
        table: String,
        /// What the SDK says.
        #[source]
        source: BuildError,
    },
}

impl Template {
    /// Reads the template that is deployed.
    pub(crate) fn deployed() -> Result<Self, TemplateError> {
        Self::read(DEPLOYED)
    }

    fn read(text: &str) -> Result<Self, TemplateError> {
        let documents = YamlLoader::load_from_str(text)?;
        let root = documents.first().unwrap_or(&Yaml::BadValue);
        let missing = || TemplateError::Missing { at: "Resources".into(), kind: "mapping" };
        let resources = root["Resources"].as_hash().ok_or_else(missing)?;
        let named = |kind: &str| -> Vec<(String, &Yaml)> {
            let of_kind = resources.iter().filter(|(_, resource)| resource["Type"].as_str() == Some(kind));
            of_kind.filter_map(|(id, resource)| Some((id.as_str()?.to_owned(), resource))).collect()
        };
        let ids = |kind: &str| -> Vec<_> { named(kind).into_iter().map(|(id, _)| id).collect() };
        let (topics, queues) = (ids("AWS::SNS::Topic"), ids("AWS::SQS::Queue"));
        let tables = named("AWS::DynamoDB::Table").into_iter();
        let tables: Vec<_> =
            tables.map(|(id, resource)| table(id, &resource["Properties"])).collect::<Result<_, _>>()?;
        let functions = named("AWS::Serverless::Function");
        let is_ours = |id: &str| {
            let tables = tables.iter().map(|table| &table.name);
            tables.chain(&topics).chain(&queues).any(|ours| ours == id)
        };
        let references = references(&functions, is_ours);
        let queue_mappings = queue::mappings(&functions, &root["Resources"])?;
        Ok(Self { mappings: mappings(&functions)?, queue_mappings, references, tables, topics, queues })
    }
}

/// What the functions' variables refer to (`!Ref Table`, or `!If [Condition, !Ref Topic, ""]`) of what is stood up here.
fn references(functions: &[(String, &Yaml)], is_ours: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
    let variables = functions.iter().filter_map(|(_, function)| {
        let variables = &function["Properties"]["Environment"]["Variables"];
        variables.as_hash()
    });
    let reference = |(name, value): (&Yaml, &Yaml)| {
        let named = value.as_vec().map_or(std::slice::from_ref(value), Vec::as_slice).iter();
        let id = named.filter_map(Yaml::as_str).find(|id| is_ours(id))?;
        Some((name.as_str()?.to_owned(), id.to_owned()))
    };
    variables.flatten().filter_map(reference).collect()
}

fn table(name: String, properties: &Yaml) -> Result<Table, TemplateError> {
    let stream = match &properties["StreamSpecification"] {
        Yaml::BadValue => None,
        given => Some(stream(given, &name)?),
    };
    let ttl = match &properties["TimeToLiveSpecification"] {
        Yaml::BadValue => None,
        given => Some(text(given, "AttributeName", &name)?.to_owned()),
    };
    Ok(Table {
        attributes: each(properties, "AttributeDefinitions", &name, attribute)?,
        keys: each(properties, "KeySchema", &name, key)?,
        indexes: match &properties["GlobalSecondaryIndexes"] {
            Yaml::BadValue => Vec::new(),
            _ => each(properties, "GlobalSecondaryIndexes", &name, index)?,
        },
        stream,
        ttl,
        name,
    })
}

fn attribute(given: &Yaml, at: &str) -> Result<AttributeDefinition, TemplateError> {
    let built = AttributeDefinition::builder()
        .attribute_name(text(given, "AttributeName", at)?)
        .attribute_type(ScalarAttributeType::from(text(given, "AttributeType", at)?))
        .build();
    complete(built, at)
}

fn key(given: &Yaml, at: &str) -> Result<KeySchemaElement, TemplateError> {
    let built = KeySchemaElement::builder()
        .attribute_name(text(given, "AttributeName", at)?)
        .key_type(KeyType::from(text(given, "KeyType", at)?))
        .build();
    complete(built, at)
}

fn index(given: &Yaml, at: &str) -> Result<GlobalSecondaryIndex, TemplateError> {
    let name = text(given, "IndexName", at)?;
    let projection = &given["Projection"];
    let kept = match &projection["NonKeyAttributes"] {
        Yaml::BadValue => None,
        _ => Some(each(projection, "NonKeyAttributes", at, plain)?),
    };
    let projection = Projection::builder()
        .projection_type(ProjectionType::from(text(projection, "ProjectionType", at)?))
        .set_non_key_attributes(kept)
        .build();
    let keys = each(given, "KeySchema", at, key)?;
    let built = GlobalSecondaryIndex::builder().index_name(name).set_key_schema(Some(keys)).projection(projection);
    complete(built.build(), at)
}

fn stream(given: &Yaml, at: &str) -> Result<StreamSpecification, TemplateError> {
    let view = StreamViewType::from(text(given, "StreamViewType", at)?);
    complete(StreamSpecification::builder().stream_enabled(true).stream_view_type(view).build(), at)
}

/// The mappings of the functions that a table's stream feeds.
fn mappings(functions: &[(String, &Yaml)]) -> Result<BTreeMap<String, StreamMapping>, TemplateError> {
    let stream = |function: &Yaml| {
        let events = function["Properties"]["Events"].as_hash()?;
        events.values().find(|event| event["Type"].as_str() == Some("DynamoDB")).cloned()
    };
    let fed = functions.iter().filter_map(|(id, function)| Some((id, stream(function)?)));
    fed.map(|(id, event)| Ok((id.clone(), mapping(&event["Properties"], id)?))).collect()
}

fn mapping(properties: &Yaml, function: &str) -> Result<StreamMapping, TemplateError> {
    let no_number = || TemplateError::Missing { at: format!("the BatchSize of {function}'s stream"), kind: "number" };
    let batch_size = properties["BatchSize"].as_i64().and_then(|size| usize::try_from(size).ok());
    Ok(StreamMapping {
        batch_size: batch_size.ok_or_else(no_number)?,
        filters: match &properties["FilterCriteria"] {
            Yaml::BadValue => Vec::new(),
            criteria => each(criteria, "Filters", &format!("the FilterCriteria of {function}'s stream"), filter)?,
        },
    })
}

fn filter(given: &Yaml, at: &str) -> Result<Pattern, TemplateError> {
    let other = || TemplateError::Missing { at: at.to_owned(), kind: "pattern of texts and exists" };
    Pattern::read(text(given, "Pattern", at)?).ok_or_else(other)
}

fn each<T>(
    parent: &Yaml,
    name: &str,
    at: &str,
    read: impl Fn(&Yaml, &str) -> Result<T, TemplateError>,
) -> Result<Vec<T>, TemplateError> {
    let missing = || TemplateError::Missing { at: format!("{at}.{name}"), kind: "list" };
    let elements = parent[name].as_vec().ok_or_else(missing)?;
    elements.iter().map(|element| read(element, at)).collect()
}

fn plain(given: &Yaml, at: &str) -> Result<String, TemplateError> {
    let missing = || TemplateError::Missing { at: format!("a list in {at}"), kind: "list of texts" };
    given.as_str().map(str::to_owned).ok_or_else(missing)
}

fn text<'a>(parent: &'a Yaml, name: &str, at: &str) -> Result<&'a str, TemplateError> {
    let missing = || TemplateError::Missing { at: format!("{at}.{name}"), kind: "text" };
    parent[name].as_str().ok_or_else(missing)
}

fn complete<T>(built: Result<T, BuildError>, table: &str) -> Result<T, TemplateError> {
    built.map_err(|source| TemplateError::Incomplete { table: table.to_owned(), source })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's own values")]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_deployed_template_can_be_stood_up() {
        let template = Template::deployed().unwrap();
        let names: Vec<_> = template.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["EventsTable", "AlertsTable"]);
        assert!(template.tables[0].stream.is_some(), "the readers are fed from the events' stream");
        for table in &template.tables {
            assert_eq!(table.ttl.as_deref(), Some("expires"), "{}", table.name);
        }
        for topic in ["EventsTopic", "AlertsTopic", "UrgentTopic", "ChatTopic", "PagesTopic"] {
            assert!(template.topics.iter().any(|name| name == topic), "{topic}");
        }
        assert_eq!(template.queues, ["SpoolQueue", "DeadLetterQueue"]);
        let references = template.references.iter().map(|(name, id)| (name.as_str(), id.as_str()));
        let expected = [
            ("ALERTS_TABLE", "AlertsTable"),
            ("ALERTS_TOPIC_ARN", "AlertsTopic"),
            ("CHAT_TOPIC_ARN", "ChatTopic"),
            ("DEAD_LETTER_QUEUE_URL", "DeadLetterQueue"),
            ("EVENTS_TABLE", "EventsTable"),
            ("EVENTS_TOPIC_ARN", "EventsTopic"),
            ("PAGES_TOPIC_ARN", "PagesTopic"),
            ("SPOOL_QUEUE_URL", "SpoolQueue"),
            ("URGENT_TOPIC_ARN", "UrgentTopic"),
        ];
        assert_eq!(references.collect::<Vec<_>>(), expected);
        assert_eq!(template.mappings.keys().collect::<Vec<_>>(), ["IndexFunction", "NotifyFunction"]);
        let filters = template.mappings.values().map(|mapping| mapping.filters.len());
        assert_eq!(filters.collect::<Vec<_>>(), [1, 2]);
        let spool = QueueMapping { queue: "SpoolQueue".to_owned(), batch_size: 10, hidden: Duration::from_secs(180) };
        assert_eq!(template.queue_mappings, [("DrainFunction".to_owned(), spool)].into());
    }

    #[test]
    fn tags_of_cloudformation_are_passed_over() {
        let template = "
Resources:
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub '${AWS::StackName}-t'
      DeletionProtectionEnabled: !If [Protect, true, false]
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
  F:
    Type: AWS::Serverless::Function
    Properties:
      Role: !GetAtt R.Arn
      Events:
        Stream: { Type: DynamoDB, Properties: { Stream: !GetAtt T.StreamArn, BatchSize: 25 } }
";
        let template = Template::read(template).unwrap();
        assert_eq!(template.tables.len(), 1);
        assert_eq!(template.mappings, [("F".to_owned(), StreamMapping { batch_size: 25, filters: Vec::new() })].into());
        assert_eq!(template.tables[0].keys[0].attribute_name(), "pk");
    }

    #[test]
    fn an_intrinsic_where_a_plain_value_is_needed_is_named() {
        let template = "
Resources:
  T: { Type: AWS::DynamoDB::Table, Properties: { KeySchema: [], AttributeDefinitions: !Ref Somewhere } }
";
        let error = Template::read(template).unwrap_err().to_string();
        assert!(error.contains("T.AttributeDefinitions"), "{error}");
    }
}
