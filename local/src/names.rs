//! `names`: gives entities the names of a CSV file, and writes those that a stack has as one.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;

use csv::{ReaderBuilder, StringRecord};
use serde_json::{Value, json};
use shared::address::NumberingPlan;
use shared::entity::{Entity, EntityError, EntityKind};
use shared::store::names::Name;

use crate::asking::{AskError, read};
use crate::client::{ApiUrl, StackClient};
use crate::holder::{CheckTokens, TokenHolder};
use crate::listing::Lists;
use crate::terminal::Terminal;

/// What `names --help` says behind the commands.
pub(crate) const HELP: &str = "\
Names stand beside the entities in alerts, lists and calls. The file is CSV (UTF-8), as a spreadsheet writes it and as export does: an
entity and its name on each line, with or without that heading. A name has up to 80 characters; an empty one takes the entity's away.
Entities that are not in the file keep theirs.

  entity,name
  phone_number:12025550144,Front desk
  sip_user:alice@example.com,\"Alice, sales\"

A number has its country code; --plan nanp takes numbers of North America without it. Where a line is wrong it is told, and no name is
given. Tokens come from the environment, and the address may: TRUNKLINE_URL.
  TRUNKLINE_OPERATOR_TOKEN  an operator's token, to import
  TRUNKLINE_READ_TOKEN      a reader's token, to export

  trunkline names import names.csv --url URL
  trunkline names export --url URL > names.csv

Exit status: 0 done, 1 the stack did not do it, 2 wrong usage, or a wrong line.";

/// The most names of a request.
const AT_ONCE: usize = 500;

/// What to do with names.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Naming {
    /// Give entities the names of a CSV file
    Import {
        /// The file
        file: PathBuf,

        /// nanp reads the file's numbers as dialled in North America: ten digits get their country code, 1
        #[arg(long)]
        plan: Option<Plan>,

        /// The stack's output ApiUrl
        #[arg(long, env = "TRUNKLINE_URL")]
        url: String,
    },
    /// Write all names as CSV to standard output
    Export {
        /// The stack's output ApiUrl
        #[arg(long, env = "TRUNKLINE_URL")]
        url: String,
    },
}

/// How numbers of the file are written that have no country code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Plan {
    /// As in North America
    Nanp,
}

/// Why names were not given or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NamesError {
    #[error("{path} can't be read", path = .0.display())]
    File(PathBuf, #[source] io::Error),
    #[error("{path} is not UTF-8: save it as \"CSV UTF-8\"", path = .0.display())]
    Encoding(PathBuf, #[source] FromUtf8Error),
    #[error("{path}: {line}, and no name was given", path = .0.display(), line = .1)]
    Line(PathBuf, WrongLine),
    #[error("{path} has no names", path = .0.display())]
    Empty(PathBuf),
    #[error("{given} of {all} names were given before it failed; to give them again is safe")]
    Part { given: usize, all: usize, source: AskError },
    #[error(transparent)]
    Ask(#[from] AskError),
}

/// What is wrong with a line of the file.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {wrong}")]
pub(crate) struct WrongLine {
    line: usize,
    wrong: String,
}

impl NamesError {
    /// Whether the command was given wrongly, so that nothing was asked.
    pub(crate) fn is_misuse(&self) -> bool {
        match self {
            Self::File(..) | Self::Encoding(..) | Self::Line(..) | Self::Empty(_) => true,
            Self::Ask(error) => error.is_misuse(),
            Self::Part { .. } => false,
        }
    }
}

impl Naming {
    /// Does it, with the tokens of an environment.
    pub(crate) async fn run(
        self,
        lookup: &dyn Fn(&str) -> Option<String>,
        terminal: Terminal,
    ) -> Result<(), NamesError> {
        match self {
            Self::Import { file, plan, url } => {
                let file = given(&file, plan)?;
                import(&file, &url, lookup).await?;
                terminal.say(&file.told());
                Ok(())
            }
            Self::Export { url } => {
                let lists = Lists::new(&url, lookup)?;
                Ok(lists.print(("/names", &Vec::new(), Some(usize::MAX)), terminal).await?)
            }
        }
    }
}

/// What a file says.
#[derive(Debug, Default)]
struct Given {
    /// Entities with the name that each is given.
    names: BTreeMap<Entity, Option<Name>>,
    /// How many numbers look as if their country code were left out.
    national: usize,
}

impl Given {
    /// What was done, once it is.
    fn told(&self) -> String {
        let named = self.names.values().flatten().count();
        let mut told = match named {
            1 => "1 name given".to_owned(),
            named => format!("{named} names given"),
        };
        if named < self.names.len() {
            told += &format!(", {} taken away", self.names.len() - named);
        }
        if self.national > 0 {
            let like =
                "national ones of North America, which calls have with a 1 before them: --plan nanp reads them so";
            told += &format!("\n{} of the numbers look like {like}", self.national);
        }
        told
    }
}

fn given(file: &Path, plan: Option<Plan>) -> Result<Given, NamesError> {
    let bytes = std::fs::read(file).map_err(|error| NamesError::File(file.to_owned(), error))?;
    let text = String::from_utf8(bytes).map_err(|error| NamesError::Encoding(file.to_owned(), error))?;
    let given = names_in(&text, plan).map_err(|wrong| NamesError::Line(file.to_owned(), wrong))?;
    if given.names.is_empty() { Err(NamesError::Empty(file.to_owned())) } else { Ok(given) }
}

fn names_in(text: &str, plan: Option<Plan>) -> Result<Given, WrongLine> {
    // Excel begins a file with a mark of its encoding, and parts fields as the country does. A quote that is open at the
    // end of the file has the line break in it.
    let text = format!("{}\n", text.trim_start_matches('\u{feff}'));
    let comma = text.bytes().find(|byte| b",;\t".contains(byte)).unwrap_or(b',');
    let mut reader = ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).delimiter(comma).from_reader(text.as_bytes());
    let (mut given, mut lines) = (Given::default(), BTreeMap::new());
    for (nth, record) in reader.into_records().enumerate() {
        let mut record = record.map_err(|error| WrongLine { line: 0, wrong: error.to_string() })?;
        let line = line(&text, &record);
        let wrong = |wrong: String| WrongLine { line, wrong };
        if record.iter().any(|field| field.contains(['\n', '\r'])) {
            return Err(wrong(OPEN_QUOTE.to_owned()));
        }
        record.trim();
        if record.iter().all(str::is_empty) || nth == 0 && is_heading(&record) {
            continue;
        }
        let (entity, name) = named(&record, plan).map_err(wrong)?;
        if let Some(first) = lines.insert(entity.clone(), line) {
            return Err(wrong(format!("{entity} has a name in line {first} already")));
        }
        given.national += usize::from(plan.is_none() && record.get(0).is_some_and(|text| is_national(text, &entity)));
        given.names.insert(entity, name);
    }
    Ok(given)
}

/// What is wrong with a field of more than one line.
const OPEN_QUOTE: &str =
    "a quote (\") is open at the end of the line: a name is one line, and a quote within one is doubled";

/// The line that a record begins in: blank ones before it are none of it.
fn line(text: &str, record: &StringRecord) -> usize {
    let Some(position) = record.position() else { return 0 };
    let [at, line] = [position.byte(), position.line()].map(|number| usize::try_from(number).unwrap_or(0));
    let rest = text.get(at..).unwrap_or_default();
    line + rest.split_inclusive('\n').take_while(|line| line.trim().is_empty()).count()
}

/// Reads an entity whose number may be without its country code.
fn entity(text: &str, plan: Option<Plan>) -> Result<Entity, EntityError> {
    let plain = text.parse::<Entity>();
    let is_number = plain.as_ref().map_or(true, |entity| entity.kind() == EntityKind::PhoneNumber);
    match plan {
        Some(Plan::Nanp) if is_number => Entity::national(text, NumberingPlan::NorthAmerican).or(plain),
        _ => plain,
    }
}

/// Whether North America's numbering plan reads the number as one without its country code.
fn is_national(text: &str, read: &Entity) -> bool {
    let number = Entity::national(text, NumberingPlan::NorthAmerican).ok();
    number.is_some_and(|number| number.value().strip_prefix('1') == Some(read.value()))
}

fn is_heading(record: &StringRecord) -> bool {
    record.iter().map(str::to_ascii_lowercase).eq(["entity", "name"])
}

fn named(record: &StringRecord, plan: Option<Plan>) -> Result<(Entity, Option<Name>), String> {
    let (Some(entity), Some(name), 2) = (record.get(0), record.get(1), record.len()) else {
        return Err(format!("{} fields; give two, an entity and its name, with a comma between", record.len()));
    };
    let entity = self::entity(entity, plan).map_err(|error| error.to_string())?;
    // What keeps a spreadsheet from taking a name for a formula is none of it.
    let unguarded = name.strip_prefix('\'').filter(|name| name.starts_with(['=', '+', '-', '@']));
    let name = Name::of(unguarded.unwrap_or(name)).map_err(|error| format!("a name {error}"))?;
    Ok((entity, name))
}

async fn import(given: &Given, url: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<(), NamesError> {
    let url: ApiUrl = url.parse().map_err(AskError::from)?;
    let (stack, tokens) =
        (StackClient::new(&url).map_err(AskError::from)?, CheckTokens::read(lookup).map_err(AskError::from)?);
    let operator = tokens.of(TokenHolder::Operator).map_err(AskError::from)?;
    let name = |name: &Option<Name>| name.as_ref().map_or_else(String::new, Name::to_string);
    let items: Vec<_> =
        given.names.iter().map(|(entity, given)| json!({"entity": entity.to_string(), "name": name(given)})).collect();
    for (nth, part) in items.chunks(AT_ONCE).enumerate() {
        let body = json!({ "items": part }).to_string();
        let answered = stack.post("/names/import", operator, body).await.map_err(AskError::from);
        let answered = answered.and_then(|answer| read::<Value>(&answer));
        answered.map_err(|source| NamesError::Part { given: nth * AT_ONCE, all: items.len(), source })?;
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<String> {
        let given = names_in(text, None).unwrap();
        given
            .names
            .iter()
            .map(|(entity, name)| format!("{entity}={}", name.as_ref().map_or("", Name::as_str)))
            .collect()
    }

    #[test]
    fn a_file_is_read_as_people_and_spreadsheets_write_it() {
        for text in [
            "phone_number:+1 202 555 0144,\"Desk, main\"\naccount:a,\n",
            "entity,name\nphone_number:12025550144 ,\"Desk, main\"\n\naccount:a,",
            "\u{feff}Entity;Name\r\nphone_number:12025550144;Desk, main\r\naccount:a;\r\n;\r\n",
            "phone_number:12025550144\tDesk, main\naccount:a\t\n",
        ] {
            assert_eq!(written(text), ["phone_number:12025550144=Desk, main", "account:a="], "{text:?}");
        }
    }

    #[test]
    fn a_name_is_the_text_that_it_is_and_a_spreadsheets_guard_is_none_of_it() {
        let text = "account:a,'=1+1\naccount:b,=1+1\naccount:c,'tis\naccount:d,\"say \"\"x\"\" <img>\"\n";
        assert_eq!(written(text), ["account:a==1+1", "account:b==1+1", "account:c='tis", "account:d=say \"x\" <img>"]);
    }

    #[test]
    fn the_first_wrong_line_is_told() {
        let long = format!("account:a,{}\n", "x".repeat(100_000));
        for (text, told) in [
            ("account:a,A\nalice,Alice\n", "line 2: an entity is written kind:value"),
            ("account:a,A\n\nphone_number:5,B\n", "line 3: not a valid phone_number"),
            ("account:a,A,B\n", "line 1: 3 fields"),
            ("account:a\n", "line 1: 1 fields"),
            ("account:b,B\naccount:a,\"A\nB\"\n", "line 2: a quote (\") is open at the end of the line"),
            ("account:a,A\naccount:b,\"B\naccount:c,C\n", "line 2: a quote (\")"),
            ("account:a,A\r\n\r\naccount:b,\"B", "line 3: a quote (\")"),
            ("account:a,A\0B\n", "line 1: a name with a character that nobody sees, U+0000"),
            ("account:a,A\u{202e}B\n", "line 1: a name with a character that nobody sees, U+202E"),
            ("account:a,A\naccount:b,B\naccount:a,A\n", "line 3: account:a has a name in line 1 already"),
            (long.as_str(), "line 1: a name longer than 80 characters"),
        ] {
            let error = names_in(text, None).unwrap_err().to_string();
            assert!(error.starts_with(told), "{error}");
        }
    }

    #[test]
    fn the_line_is_that_of_the_file_also_behind_many() {
        let many: String = (0..20_000).map(|nth| format!("account:a{nth},A\r\n\r\n")).collect();
        let error = names_in(&format!("{many}alice,A\r\n"), None).unwrap_err();
        assert_eq!(error.line, 40_001);
    }

    #[test]
    fn national_numbers_are_told_and_read_by_their_plan() {
        let text = "phone_number:(202) 555-0177,A\nphone_number:+1 202 555 0178,B\nphone_number:442079460958,C\naccount:2025550177,\n";
        let told = names_in(text, None).unwrap().told();
        assert!(told.starts_with("3 names given, 1 taken away\n1 of the numbers look"), "{told}");
        assert!(told.contains("--plan nanp"), "{told}");
        let given = names_in(text, Some(Plan::Nanp)).unwrap();
        let entities: Vec<_> = given.names.keys().map(Entity::to_string).collect();
        assert_eq!(
            entities,
            ["phone_number:12025550177", "phone_number:12025550178", "phone_number:442079460958", "account:2025550177"]
        );
        assert_eq!(given.told(), "3 names given, 1 taken away");
        assert_eq!(names_in("account:a,A\n", None).unwrap().told(), "1 name given");
        for wrong in ["alice,A\n", "phone_number:5,A\n"] {
            let said = |plan| names_in(wrong, plan).unwrap_err().to_string();
            assert_eq!(said(Some(Plan::Nanp)), said(None));
        }
    }

    #[test]
    fn a_file_of_another_encoding_or_without_names_is_told_as_such() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (bytes, told) in
            [(&b"account:a,Caf\xe9\n"[..], "not UTF-8"), (b"", "no names"), (b"entity,name\n", "no names")]
        {
            std::fs::write(file.path(), bytes).unwrap();
            let error = given(file.path(), None).unwrap_err();
            assert!(error.is_misuse() && error.to_string().contains(told), "{error}");
        }
        assert!(given(Path::new("/nowhere/names.csv"), None).unwrap_err().to_string().ends_with("can't be read"));
    }
}
