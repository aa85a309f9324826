//! The tokens of a stack that is to be deployed: made here, printed once, and written into `samconfig.toml` as the SHA-256
//! digests that the stack holds.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{fs, io};

use clap::{Args, ValueEnum};
use sha2::{Digest as _, Sha256};
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

    /// Add a second token to this one, so that both are taken
    #[arg(long, value_name = "TOKEN", conflicts_with = "retire")]
    rotate: Option<Name>,

    /// Take only the newest of this token's, from the next deployment on
    #[arg(long, value_name = "TOKEN")]
    retire: Option<Name>,
}

/// The tokens of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    Onsip,
    Opentact,
    Read,
    Operator,
}

impl Name {
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
            Self::Operator => "sends a test alert, retries the quarantine",
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
    #[error("{0} holds no digest yet: make the token first, without --rotate or --retire")]
    Missing(&'static str),
    #[error("the system gives no random numbers")]
    Random(#[from] getrandom::Error),
}

/// Makes what the flags ask for, writes the file, and returns what is to be shown.
pub(crate) fn run(flags: &TokensFlags) -> Result<String, TokensError> {
    let text = fs::read_to_string(&flags.config).map_err(|error| TokensError::Read(flags.config.clone(), error))?;
    let mut config = text.parse::<DocumentMut>()?;
    let parameters = parameters(&mut config, &flags.env)?;
    let shown = match (flags.rotate, flags.retire) {
        (Some(name), _) => rotate(parameters, name)?,
        (None, Some(name)) => retire(parameters, name)?,
        (None, None) => fill(parameters)?,
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
fn digests(parameters: &mut Table, name: Name) -> Result<&mut Array, TokensError> {
    let item = parameters.entry(name.parameter()).or_insert_with(|| Item::Value(Value::Array(Array::new())));
    item.as_array_mut().ok_or_else(|| TokensError::Form(name.parameter().to_owned()))
}

/// Makes each token that has no digest yet.
fn fill(parameters: &mut Table) -> Result<String, TokensError> {
    let mut shown = String::new();
    for &name in Name::value_variants() {
        let digests = digests(parameters, name)?;
        match digests.is_empty() {
            true => shown += &add(digests, name)?,
            // Writing to a String cannot fail.
            false => _ = writeln!(shown, "{} has a digest already; --rotate adds a token", name.parameter()),
        }
    }
    Ok(shown)
}

fn rotate(parameters: &mut Table, name: Name) -> Result<String, TokensError> {
    let digests = digests(parameters, name)?;
    if digests.is_empty() {
        return Err(TokensError::Missing(name.parameter()));
    }
    add(digests, name)
}

fn retire(parameters: &mut Table, name: Name) -> Result<String, TokensError> {
    let digests = digests(parameters, name)?;
    let last = digests.len().checked_sub(1).ok_or(TokensError::Missing(name.parameter()))?;
    (0..last).for_each(|_| _ = digests.remove(0));
    digests.fmt();
    Ok(format!("{} keeps the newest digest; {last} removed\n", name.parameter()))
}

/// Makes a token, adds its digest, and returns the line that shows the token.
fn add(digests: &mut Array, name: Name) -> Result<String, TokensError> {
    let token = random::token()?;
    digests.push(hex(&Sha256::digest(&token)));
    let shown = name.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    Ok(format!("{shown:<9}{token}  {}\n", name.purpose()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../samconfig.example.toml");

    struct Config(tempfile::NamedTempFile);

    impl Config {
        fn new(text: &str) -> Self {
            let config = Self(tempfile::NamedTempFile::new().unwrap());
            fs::write(config.0.path(), text).unwrap();
            config
        }

        fn run(&self, rotate: Option<Name>, retire: Option<Name>) -> Result<String, TokensError> {
            let (config, env) = (self.0.path().to_owned(), "default".to_owned());
            run(&TokensFlags { config, env, rotate, retire })
        }

        fn digests(&self, name: Name) -> Vec<String> {
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
        let digests: Vec<_> = Name::value_variants().iter().flat_map(|name| config.digests(*name)).collect();
        assert_eq!((digests.len(), &digests), (4, &made));
        for name in Name::value_variants() {
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
        assert!(matches!(config.run(Some(Name::Read), None), Err(TokensError::Missing("ReadTokenDigests"))));
        config.run(None, None).unwrap();
        let old = config.digests(Name::Read);
        let new = shown(&config.run(Some(Name::Read), None).unwrap());
        assert_eq!(config.digests(Name::Read), [old, new.clone()].concat());
        config.run(None, Some(Name::Read)).unwrap();
        assert_eq!(config.digests(Name::Read), new);
    }

    #[test]
    fn an_environment_that_is_not_there_yet_is_made_and_another_form_refused() {
        let config = Config::new("version = 0.1\n");
        config.run(None, None).unwrap();
        assert_eq!(config.digests(Name::Onsip).len(), 1);
        for other in ["", "[default.deploy.parameters.parameter_overrides]\nOnsipTokenDigests = \"a\"\n", "[default"] {
            let config = Config::new(other);
            assert_eq!(config.run(None, None).is_ok(), other.is_empty(), "{other}");
        }
        let guided =
            Config::new("[default.deploy.parameters]\nparameter_overrides = \"OnsipTokenDigests=\\\"a\\\"\"\n");
        assert!(matches!(guided.run(None, None), Err(TokensError::Form(_))));
    }
}
