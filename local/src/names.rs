//! `names`: gives entities the names of a CSV file, and writes those that a stack has as one.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;

use csv::{ReaderBuilder, StringRecord, Trim};
use serde_json::{Value, json};
use shared::entity::Entity;
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

Where a line is wrong it is told, and no name is given. Tokens come from the environment, and the address may: TRUNKLINE_URL.
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
            Self::Import { file, url } => import(&given(&file)?, &url, lookup, terminal).await,
            Self::Export { url } => {
                let lists = Lists::new(&url, lookup)?;
                Ok(lists.print(("/names", &Vec::new(), Some(usize::MAX)), terminal).await?)
            }
        }
    }
}

/// Entities with the name that each is given.
type Given = BTreeMap<Entity, Option<Name>>;

/// What the file says.
fn given(file: &Path) -> Result<Given, NamesError> {
    let bytes = std::fs::read(file).map_err(|error| NamesError::File(file.to_owned(), error))?;
    let text = String::from_utf8(bytes).map_err(|error| NamesError::Encoding(file.to_owned(), error))?;
    let names = names_in(&text).map_err(|wrong| NamesError::Line(file.to_owned(), wrong))?;
    if names.is_empty() { Err(NamesError::Empty(file.to_owned())) } else { Ok(names) }
}

fn names_in(text: &str) -> Result<Given, WrongLine> {
    // Excel begins a file with a mark of its encoding, and parts fields as the country does.
    let text = text.trim_start_matches('\u{feff}');
    let comma = text.bytes().find(|byte| b",;\t".contains(byte)).unwrap_or(b',');
    let mut reader = ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).trim(Trim::All).delimiter(comma).from_reader(text.as_bytes());
    let (mut names, mut lines) = (Given::new(), BTreeMap::new());
    for (nth, record) in reader.into_records().enumerate() {
        let record = record.map_err(|error| WrongLine { line: 0, wrong: error.to_string() })?;
        let line = line(text, &record);
        let wrong = |wrong: String| WrongLine { line, wrong };
        if record.iter().all(str::is_empty) || nth == 0 && is_heading(&record) {
            continue;
        }
        let (entity, name) = named(&record).map_err(wrong)?;
        if let Some(first) = lines.insert(entity.clone(), line) {
            return Err(wrong(format!("{entity} has a name in line {first} already")));
        }
        names.insert(entity, name);
    }
    Ok(names)
}

/// The line that a record begins in: blank ones before it are none of it.
fn line(text: &str, record: &StringRecord) -> usize {
    let at = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(0);
    let (before, rest) = text.split_at_checked(at).unwrap_or((text, ""));
    let blank = rest.split_inclusive('\n').take_while(|line| line.trim().is_empty()).count();
    before.matches('\n').count() + blank + 1
}

fn is_heading(record: &StringRecord) -> bool {
    record.iter().map(str::to_ascii_lowercase).eq(["entity", "name"])
}

fn named(record: &StringRecord) -> Result<(Entity, Option<Name>), String> {
    let (Some(entity), Some(name), 2) = (record.get(0), record.get(1), record.len()) else {
        return Err(format!("{} fields; give two, an entity and its name, with a comma between", record.len()));
    };
    let entity = entity.parse::<Entity>().map_err(|error| error.to_string())?;
    // What keeps a spreadsheet from taking a name for a formula is none of it.
    let unguarded = name.strip_prefix('\'').filter(|name| name.starts_with(['=', '+', '-', '@']));
    let name = Name::of(unguarded.unwrap_or(name)).map_err(|error| format!("a name {error}"))?;
    Ok((entity, name))
}

async fn import(
    names: &Given,
    url: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
    terminal: Terminal,
) -> Result<(), NamesError> {
    let url: ApiUrl = url.parse().map_err(AskError::from)?;
    let (stack, tokens) =
        (StackClient::new(&url).map_err(AskError::from)?, CheckTokens::read(lookup).map_err(AskError::from)?);
    let operator = tokens.of(TokenHolder::Operator).map_err(AskError::from)?;
    let name = |name: &Option<Name>| name.as_ref().map_or_else(String::new, Name::to_string);
    let items: Vec<_> =
        names.iter().map(|(entity, given)| json!({"entity": entity.to_string(), "name": name(given)})).collect();
    for (nth, part) in items.chunks(AT_ONCE).enumerate() {
        let body = json!({ "items": part }).to_string();
        let answered = stack.post("/names/import", operator, body).await.map_err(AskError::from);
        let answered = answered.and_then(|answer| read::<Value>(&answer));
        answered.map_err(|source| NamesError::Part { given: nth * AT_ONCE, all: items.len(), source })?;
    }
    terminal.say(&format!("{} names given", items.len()));
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<String> {
        let names = names_in(text).unwrap();
        names.iter().map(|(entity, name)| format!("{entity}={}", name.as_ref().map_or("", Name::as_str))).collect()
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
            ("account:a,\"A\nB\"\n", "line 1: a name with a character that nobody sees, U+000A"),
            ("account:a,A\0B\n", "line 1: a name with a character that nobody sees, U+0000"),
            ("account:a,A\u{202e}B\n", "line 1: a name with a character that nobody sees, U+202E"),
            ("account:a,A\naccount:b,B\naccount:a,A\n", "line 3: account:a has a name in line 1 already"),
            (long.as_str(), "line 1: a name longer than 80 characters"),
        ] {
            let error = names_in(text).unwrap_err().to_string();
            assert!(error.starts_with(told), "{error}");
        }
    }

    #[test]
    fn a_file_of_another_encoding_or_without_names_is_told_as_such() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (bytes, told) in
            [(&b"account:a,Caf\xe9\n"[..], "not UTF-8"), (b"", "no names"), (b"entity,name\n", "no names")]
        {
            std::fs::write(file.path(), bytes).unwrap();
            let error = given(file.path()).unwrap_err();
            assert!(error.is_misuse() && error.to_string().contains(told), "{error}");
        }
        assert!(given(Path::new("/nowhere/names.csv")).unwrap_err().to_string().ends_with("can't be read"));
    }
}
