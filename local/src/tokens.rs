//! The tokens of a stack that is to be deployed: made here, printed once, and written into `samconfig.toml` as the SHA-256
//! digests that the stack holds.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{fs, io};

use clap::{Args, ValueEnum};
use sha2::{Digest as _, Sha256};
use shared::access::KnownToken;
use toml_edit::{Array, DocumentMut, Item, Table, TomlError, Value};

use crate::random::{self, hex};

/// What the command says below its flags.
pub(crate) const HELP: &str = "The tokens are shown once: keep them where you keep passwords. To change one without a delivery lost: \
--rotate, sam deploy, change it at the provider or in your programs, --retire, sam deploy.";

#[derive(Args)]
pub(crate) struct TokensFlags {
    /// The file that `sam deploy` reads; copy samconfig.example.toml to it first
    #[arg(long, value_name = "FILE", default_value = "samconfig.toml")]
    config: PathBuf,

    /// The environment within it, as in `sam deploy --config-env`
    #[arg(long, value_name = "NAME", default_value = "default")]
    env: String,

    /// Add a further token with a name, as for one more program that reads
    #[arg(long, value_name = "TOKEN", requires = "name", group = "which")]
    add: Option<Kind>,

    /// Add a second token to this one, so that both are taken
    #[arg(long, value_name = "TOKEN", group = "which")]
    rotate: Option<Kind>,

    /// Take only the newest of this token's, from the next deployment on
    #[arg(long, value_name = "TOKEN", group = "which")]
    retire: Option<Kind>,

    /// The token's name, which the log shows; with --rotate and --retire, the token that bears it
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true, requires = "which")]
    name: String,

    /// What it may do, such as calls+events; all without this
    #[arg(long, value_name = "RIGHTS", requires = "add", conflicts_with_all = ["rotate", "retire"])]
    rights: Option<String>,
}

/// The tokens of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Onsip,
    Opentact,
    Read,
    Operator,
}

impl Kind {
    /// The template's parameter.
    const fn parameter(self) -> &'static str {
        match self {
            Self::Onsip => "OnsipTokenDigests",
            Self::Opentact => "OpentactTokenDigests",
            Self::Read => "ReadTokenDigests",
            Self::Operator => "OperatorTokenDigests",
        }
    }

    const fn purpose(self) -> &'static str {
        match self {
            Self::Onsip => "at OnSIP, behind the URL as ?token=",
            Self::Opentact => "at Opentact, behind each URL as ?token=",
            Self::Read => "reads events and calls, as Authorization: Bearer",
            Self::Operator => "sends a test alert, mutes alerts, retries the quarantine",
        }
    }
}

/// Why no tokens were made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokensError {
    #[error("{} can't be read: copy samconfig.example.toml to it", .0.display())]
    Read(PathBuf, #[source] io::Error),
    #[error("{} can't be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
    #[error("the file is no TOML")]
    Toml(#[from] TomlError),
    #[error("{0} is not as in samconfig.example.toml, where parameter_overrides is a table and digests are a list")]
    Form(String),
    #[error("{0} holds no such digest yet: make the token first, without --rotate or --retire")]
    Missing(&'static str),
    #[error("{0} has a token of that name; --rotate adds a second one to it")]
    Taken(&'static str),
    #[error("only tokens of readers and operators have rights")]
    Rights,
    #[error("the name or the rights: {0}")]
    Label(String),
    #[error("the system gives no random numbers")]
    Random(#[from] getrandom::Error),
}

/// Makes what the flags ask for, writes the file, and returns what is to be shown.
pub(crate) fn run(flags: &TokensFlags) -> Result<String, TokensError> {
    let text = fs::read_to_string(&flags.config).map_err(|error| TokensError::Read(flags.config.clone(), error))?;
    let mut config = text.parse::<DocumentMut>()?;
    let parameters = parameters(&mut config, &flags.env)?;
    let shown = match (flags.add, flags.rotate, flags.retire) {
        (Some(kind), ..) => add_named(parameters, kind, flags)?,
        (_, Some(kind), _) => rotate(parameters, kind, &flags.name)?,
        (.., Some(kind)) => retire(parameters, kind, &flags.name)?,
        (None, None, None) => fill(parameters)?,
    };
    fs::write(&flags.config, config.to_string()).map_err(|error| TokensError::Write(flags.config.clone(), error))?;
    Ok(shown)
}

/// The parameters of an environment, made where it has none.
fn parameters<'c>(config: &'c mut DocumentMut, env: &str) -> Result<&'c mut Table, TokensError> {
    let mut table = config.as_table_mut();
    for key in [env, "deploy", "parameters", "parameter_overrides"] {
        let entry = table.entry(key).or_insert_with(|| {
            let mut made = Table::new();
            made.set_implicit(key != "parameter_overrides");
            Item::Table(made)
        });
        table = entry.as_table_mut().ok_or_else(|| TokensError::Form(format!("{env}.deploy, at {key}")))?;
    }
    Ok(table)
}

/// The digests of a token.
fn digests(parameters: &mut Table, kind: Kind) -> Result<&mut Array, TokensError> {
    let item = parameters.entry(kind.parameter()).or_insert_with(|| Item::Value(Value::Array(Array::new())));
    item.as_array_mut().ok_or_else(|| TokensError::Form(kind.parameter().to_owned()))
}

/// The label of an element of `name:rights=digest`: what stands before the digest.
fn label(element: &Value) -> &str {
    element.as_str().and_then(|text| text.rsplit_once('=')).map_or("", |(label, _)| label)
}

/// Whether an element is of that name; one without a label is of the name "".
fn is_of(element: &Value, name: &str) -> bool {
    label(element).split(':').next() == Some(name)
}

/// Makes each token that has no digest yet.
fn fill(parameters: &mut Table) -> Result<String, TokensError> {
    let mut shown = String::new();
    for &kind in Kind::value_variants() {
        let digests = digests(parameters, kind)?;
        match digests.is_empty() {
            true => shown += &add(digests, kind, "")?,
            // Writing to a String cannot fail.
            false => _ = writeln!(shown, "{} has a digest already; --rotate adds a token", kind.parameter()),
        }
    }
    Ok(shown)
}

fn add_named(parameters: &mut Table, kind: Kind, flags: &TokensFlags) -> Result<String, TokensError> {
    if flags.rights.is_some() && matches!(kind, Kind::Onsip | Kind::Opentact) {
        return Err(TokensError::Rights);
    }
    let digests = digests(parameters, kind)?;
    if digests.iter().any(|element| is_of(element, &flags.name)) {
        return Err(TokensError::Taken(kind.parameter()));
    }
    let rights = flags.rights.as_ref().map(|rights| format!(":{rights}")).unwrap_or_default();
    add(digests, kind, &format!("{}{rights}", flags.name))
}

/// The second token has the rights of the first.
fn rotate(parameters: &mut Table, kind: Kind, name: &str) -> Result<String, TokensError> {
    let digests = digests(parameters, kind)?;
    let newest = digests.iter().filter(|element| is_of(element, name)).last();
    let label = newest.map(|element| label(element).to_owned()).ok_or(TokensError::Missing(kind.parameter()))?;
    add(digests, kind, &label)
}

fn retire(parameters: &mut Table, kind: Kind, name: &str) -> Result<String, TokensError> {
    let digests = digests(parameters, kind)?;
    let mut left = digests.iter().filter(|element| is_of(element, name)).count();
    let removed = left.checked_sub(1).ok_or(TokensError::Missing(kind.parameter()))?;
    digests.retain(|element| {
        let older = is_of(element, name) && left > 1;
        left -= usize::from(is_of(element, name));
        !older
    });
    digests.fmt();
    Ok(format!("{} keeps the newest digest; {removed} removed\n", kind.parameter()))
}

/// Makes a token, adds its digest, and returns the line that shows the token.
fn add(digests: &mut Array, kind: Kind, label: &str) -> Result<String, TokensError> {
    let token = random::token()?;
    let digest = hex(&Sha256::digest(&token));
    let element = if label.is_empty() { digest } else { format!("{label}={digest}") };
    element.parse::<KnownToken>().map_err(TokensError::Label)?;
    digests.push(element);
    let kind_name = kind.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let shown = if label.is_empty() { &kind_name } else { label };
    Ok(format!("{shown:<8} {token}  {}\n", kind.purpose()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../samconfig.example.toml");

    struct Config(tempfile::NamedTempFile);

    #[derive(Default)]
    struct Flags {
        add: Option<Kind>,
        rotate: Option<Kind>,
        retire: Option<Kind>,
        rights: Option<&'static str>,
    }

    impl Config {
        fn new(text: &str) -> Self {
            let config = Self(tempfile::NamedTempFile::new().unwrap());
            fs::write(config.0.path(), text).unwrap();
            config
        }

        fn run(&self, rotate: Option<Kind>, retire: Option<Kind>) -> Result<String, TokensError> {
            self.run_of("", Flags { rotate, retire, ..Flags::default() })
        }

        fn run_of(&self, name: &str, Flags { add, rotate, retire, rights }: Flags) -> Result<String, TokensError> {
            let (config, env) = (self.0.path().to_owned(), "default".to_owned());
            let rights = rights.map(str::to_owned);
            run(&TokensFlags { config, env, add, rotate, retire, name: name.to_owned(), rights })
        }

        fn digests(&self, name: Kind) -> Vec<String> {
            let mut config: DocumentMut = fs::read_to_string(self.0.path()).unwrap().parse().unwrap();
            let digests = digests(parameters(&mut config, "default").unwrap(), name).unwrap();
            digests.iter().map(|digest| digest.as_str().unwrap().to_owned()).collect()
        }
    }

    /// The tokens that were shown, each with its digest.
    fn shown(text: &str) -> Vec<String> {
        let tokens = text.lines().filter_map(|line| line.split_whitespace().nth(1));
        tokens.map(|token| hex(&Sha256::digest(token))).collect()
    }

    #[test]
    fn each_token_of_the_example_is_made_once_and_its_digest_is_where_the_template_has_it() {
        let config = Config::new(EXAMPLE);
        let made = shown(&config.run(None, None).unwrap());
        let digests: Vec<_> = Kind::value_variants().iter().flat_map(|name| config.digests(*name)).collect();
        assert_eq!((digests.len(), &digests), (4, &made));
        for name in Kind::value_variants() {
            assert!(include_str!("../../template.yaml").contains(&format!("\n  {}:\n", name.parameter())));
        }
        let again = config.run(None, None).unwrap();
        assert!(again.lines().all(|line| line.contains("already")), "{again}");
        let left = fs::read_to_string(config.0.path()).unwrap();
        let comments =
            |text: &str| text.lines().filter(|line| line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(comments(&left), comments(EXAMPLE), "the rest of the file stays");
    }

    #[test]
    fn a_token_is_changed_by_way_of_two() {
        let config = Config::new(EXAMPLE);
        assert!(matches!(config.run(Some(Kind::Read), None), Err(TokensError::Missing("ReadTokenDigests"))));
        config.run(None, None).unwrap();
        let old = config.digests(Kind::Read);
        let new = shown(&config.run(Some(Kind::Read), None).unwrap());
        assert_eq!(config.digests(Kind::Read), [old, new.clone()].concat());
        config.run(None, Some(Kind::Read)).unwrap();
        assert_eq!(config.digests(Kind::Read), new);
    }

    #[test]
    fn a_token_of_a_name_is_added_changed_and_retired_beside_the_others() {
        let config = Config::new(EXAMPLE);
        config.run(None, None).unwrap();
        let add = |rights| Flags { add: Some(Kind::Read), rights, ..Flags::default() };
        let first = shown(&config.run_of("crm", add(Some("calls+events"))).unwrap());
        let other = shown(&config.run_of("desk", add(None)).unwrap());
        assert!(matches!(config.run_of("crm", add(None)), Err(TokensError::Taken("ReadTokenDigests"))));
        let rotate = Flags { rotate: Some(Kind::Read), ..Flags::default() };
        let second = shown(&config.run_of("crm", rotate).unwrap());
        let unnamed = config.digests(Kind::Read)[0].clone();
        let [first, other, second] = [("crm:calls+events", first), ("desk", other), ("crm:calls+events", second)]
            .map(|(label, digest)| format!("{label}={}", digest[0]));
        assert_eq!(config.digests(Kind::Read), [unnamed.clone(), first, other.clone(), second.clone()]);
        for (name, removed) in [("crm", "1 removed"), ("", "0 removed")] {
            let retire = Flags { retire: Some(Kind::Read), ..Flags::default() };
            assert!(config.run_of(name, retire).unwrap().contains(removed), "{name}");
            assert_eq!(config.digests(Kind::Read), [unnamed.clone(), other.clone(), second.clone()], "{name}");
        }
        assert!(config.digests(Kind::Read).iter().all(|element| element.parse::<KnownToken>().is_ok()));
    }

    #[test]
    fn what_the_stack_would_not_read_is_not_written() {
        let config = Config::new(EXAMPLE);
        for (name, kind, rights, told) in [
            ("crm", Kind::Read, "everything", "known are calls, events, bodies, alerts, stats"),
            ("a name", Kind::Read, "calls", "not a name"),
            ("0123456789abcdef0123456789abcdef", Kind::Operator, "alerts", "not a name"),
            ("second", Kind::Onsip, "calls", "only tokens of readers and operators"),
        ] {
            let flags = Flags { add: Some(kind), rights: Some(rights), ..Flags::default() };
            assert!(config.run_of(name, flags).unwrap_err().to_string().contains(told), "{name}");
        }
        let absent = Flags { rotate: Some(Kind::Read), ..Flags::default() };
        assert!(matches!(config.run_of("crm", absent), Err(TokensError::Missing(_))));
        assert_eq!(fs::read_to_string(config.0.path()).unwrap(), EXAMPLE);
    }

    #[test]
    fn an_environment_that_is_not_there_yet_is_made_and_another_form_refused() {
        let config = Config::new("version = 0.1\n");
        config.run(None, None).unwrap();
        assert_eq!(config.digests(Kind::Onsip).len(), 1);
        for other in ["", "[default.deploy.parameters.parameter_overrides]\nOnsipTokenDigests = \"a\"\n", "[default"] {
            let config = Config::new(other);
            assert_eq!(config.run(None, None).is_ok(), other.is_empty(), "{other}");
        }
        let guided =
            Config::new("[default.deploy.parameters]\nparameter_overrides = \"OnsipTokenDigests=\\\"a\\\"\"\n");
        assert!(matches!(guided.run(None, None), Err(TokensError::Form(_))));
    }
}
