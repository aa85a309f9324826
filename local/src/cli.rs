//! The command line: flags to [`Options`], a stack until Ctrl-C, or a look at another; and one line for what went
//! wrong.

mod serve;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use shared::log::chain;
use shared::settings::environment;
use tracing_subscriber::EnvFilter;

use self::serve::{Flags, serve};
use crate::asking::AskError;
use crate::call::{self, Showing};
use crate::check::{self, Check, CheckFlags, CheckResult};
use crate::forget::{self, Forget, ForgetFlags, Whom};
use crate::listing;
use crate::lists::{ListedCalls, ListedEvents};
use crate::mute::{self, Muting};
use crate::names::{self, NamesError, Naming};
use crate::play::{self, Playing};
use crate::redrive::{self, Redrive, RedriveFlags, Redriven, Task, Variables};
use crate::replay::{self, Replaying};
use crate::stats::Counted;
use crate::subscriptions::{self, Own, Subscriptions, SubscriptionsError};
use crate::tail::Tail;
use crate::terminal::{Terminal, unsaid};
use crate::tokens::{self, TokensFlags};

/// The exit status of wrong usage, as clap has it.
const USAGE: u8 = 2;

/// Runs Trunkline on this machine, and looks after a deployed one.
///
/// Without a command it receives webhooks, stores events, answers queries and shows the alerts it would send: the same
/// handlers as in the deployment, over an embedded database. That needs no account and no network.
#[derive(Parser)]
#[command(name = "trunkline", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    flags: Flags,
}

#[derive(Subcommand)]
enum Command {
    /// Make the tokens of a stack, and write their digests into its samconfig.toml
    #[command(after_help = tokens::HELP)]
    Tokens(TokensFlags),
    /// Test a deployed stack: its address, its tokens, a delivery stored and read back, its stream, who is alerted, a test alert
    #[command(after_help = check::HELP)]
    Check(CheckFlags),
    /// Show a call of a stack: its legs on one axis of time, what it came to and why
    #[command(after_help = call::HELP)]
    Call(Showing),
    /// List calls of a stack: those that began in the last 24 hours, or those that filters leave
    #[command(after_help = listing::HELP)]
    Calls(ListedCalls),
    /// List events of a stack: those of the last 24 hours, or those that filters leave
    #[command(after_help = listing::HELP)]
    Events(ListedEvents),
    /// Count calls, messages and events of a stack: those of the last 24 hours, or of another time
    #[command(after_help = listing::HELP)]
    Stats(Counted),
    /// Follow the events of a stack as they come, a line each
    #[command(after_help = listing::HELP)]
    Tail(Tail),
    /// Play a scenario at a stack of yours, as a provider would: to try filters, alerts and programs
    #[command(after_help = play::HELP)]
    Play(Playing),
    /// Mute alerts for a while, as during a carrier's works; end a mute, or list those in force
    #[command(after_help = mute::HELP)]
    Mute(Muting),
    /// Give numbers, users and other entities of a stack the names that people know them by
    #[command(subcommand, after_help = names::HELP)]
    Names(Naming),
    /// Replay dead letters, or the events of a stretch of time, on a deployed stack or the local one
    #[command(after_help = redrive::HELP)]
    Redrive(RedriveFlags),
    /// Send stored events or calls to a consumer's queue or topic, as the events topic had them
    #[command(subcommand, after_help = replay::HELP)]
    Replay(Replaying),
    /// Erase what the tables hold of a number or a SIP user, on a deployed stack or the local one
    #[command(after_help = forget::HELP)]
    Forget(ForgetFlags),
    /// Look after the webhook subscriptions at OnSIP by hand, and see what Opentact is to be told
    #[command(subcommand)]
    Subscriptions(SubscriptionsCommand),
}

#[derive(Subcommand)]
#[command(after_help = subscriptions::HELP)]
enum SubscriptionsCommand {
    /// List all webhook subscriptions of the organization at OnSIP
    List {
        /// The stack's output ApiUrl: tells its own subscription from the others
        #[arg(long)]
        url: Option<String>,

        /// The name of its subscription, which tells where OnSIP shows no targets
        #[arg(long, default_value = subscriptions::NAME)]
        name: String,
    },
    /// Renew the stack's subscription for another 24 hours, or add it, after asking, where there is none
    #[command(group = clap::ArgGroup::new("which").required(true).args(["url", "id"]))]
    Renew {
        /// The stack's output ApiUrl
        #[arg(long)]
        url: Option<String>,

        /// The name of its subscription, and of one that is added
        #[arg(long, default_value = subscriptions::NAME)]
        name: String,

        /// The subscription to renew, whosever it is
        #[arg(long)]
        id: Option<String>,
    },
    /// Delete a subscription, after asking
    Remove {
        /// Its id, as list shows it
        id: String,
    },
    /// Show where each of Opentact's URLs is entered, and what its REST API would be sent; sends nothing
    Opentact {
        /// The stack's output ApiUrl
        #[arg(long)]
        url: String,
    },
}

/// Runs the command line to its end.
#[must_use]
pub fn run() -> ExitCode {
    let Arguments { command, flags } = Arguments::parse();
    log();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refused(&error),
    };
    let Some(command) = command else {
        return runtime.block_on(serve(flags)).map_or_else(|error| refused(&error), |()| ExitCode::SUCCESS);
    };
    let status = runtime.block_on(obey(command));
    // A name that DNS is still looking for would hold up the end.
    runtime.shutdown_background();
    match unsaid() {
        Some(error) if status == ExitCode::SUCCESS => refused(&Unsaid(error)),
        _ => status,
    }
}

/// It was done, and what it came to was not said.
#[derive(Debug, thiserror::Error)]
#[error("it is done, but standard output can't be written")]
struct Unsaid(#[source] &'static io::Error);

async fn obey(command: Command) -> ExitCode {
    match command {
        Command::Tokens(flags) => match tokens::run(&flags) {
            Ok(shown) => {
                Terminal::Shown.say(shown.trim_end());
                ExitCode::SUCCESS
            }
            Err(error) => refused(&error),
        },
        Command::Check(flags) => check(&flags).await,
        Command::Call(showing) => asked(showing.run(&environment, Terminal::Shown).await),
        Command::Calls(listed) => asked(listed.run(&environment, Terminal::Shown).await),
        Command::Events(listed) => asked(listed.run(&environment, Terminal::Shown).await),
        Command::Stats(counted) => asked(counted.run(&environment, Terminal::Shown).await),
        Command::Tail(tail) => asked(tail.run(&environment, Terminal::Shown).await),
        Command::Mute(muting) => asked(muting.run(&environment, Terminal::Shown).await),
        Command::Names(naming) => match naming.run(&environment, Terminal::Shown).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(NamesError::Ask(error)) => asked(Err(error)),
            Err(error) if error.is_misuse() => misused(&error),
            Err(error) => refused(&error),
        },
        Command::Play(playing) => asked(playing.run(&environment, Terminal::Shown).await),
        Command::Redrive(flags) => redrive(&flags).await,
        Command::Replay(replaying) => match replaying.run(&environment, Terminal::Shown).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.is_misuse() => misused(&error),
            Err(error) => refused(&error),
        },
        Command::Forget(flags) => forget(&flags).await,
        Command::Subscriptions(command) => match subscriptions(command).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.is_misuse() => misused(&error),
            Err(error) => refused(&error),
        },
    }
}

/// The exit status of a question to a stack.
fn asked(answered: Result<(), AskError>) -> ExitCode {
    match answered {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_unread() => ExitCode::SUCCESS,
        Err(error) if error.is_misuse() => misused(&error),
        Err(error) => refused(&error),
    }
}

/// A check's exit status: clap's own for wrong usage.
async fn check(flags: &CheckFlags) -> ExitCode {
    let check = match Check::new(flags, &|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned())) {
        Ok(check) => check,
        Err(error) => return misused(&error),
    };
    match check.run(Terminal::Shown).await {
        CheckResult::Holds => ExitCode::SUCCESS,
        CheckResult::Failed => ExitCode::FAILURE,
    }
}

async fn redrive(flags: &RedriveFlags) -> ExitCode {
    let redrive = Variables::open(&flags.settings).and_then(|variables| Redrive::new(&|name| variables.get(name)));
    let redrive = match redrive {
        Ok(redrive) => redrive,
        Err(error) => return misused(&error),
    };
    let redriven = match flags.task() {
        Ok(Task::Replay) => redrive.run(Terminal::Shown).await,
        Ok(Task::Again(stretch, readers)) => redrive.again(stretch, readers, Terminal::Shown).await,
        Ok(Task::Show) => redrive.show(Terminal::Shown).await.map(|()| Redriven::default()),
        Ok(Task::Discard(id)) => redrive.discard(id, Terminal::Shown).await.map(|()| Redriven::default()),
        Err(error) => return misused(&error),
    };
    match redriven {
        Ok(redriven) if redriven.left == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => refused(&error),
    }
}

async fn forget(flags: &ForgetFlags) -> ExitCode {
    let whom = match Whom::try_from(&flags.entity) {
        Ok(whom) => whom,
        Err(error) => return misused(&error),
    };
    let forget = Variables::open(&flags.settings).and_then(|variables| Forget::new(&|name| variables.get(name)));
    let forget = match forget {
        Ok(forget) => forget,
        Err(error) => return misused(&error),
    };
    match forget.run(&whom, flags.doing(), Terminal::Shown).await {
        Ok(forgotten) if forgotten.left == 0 || flags.doing() == forget::Doing::Count => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => refused(&error),
    }
}

async fn subscriptions(command: SubscriptionsCommand) -> Result<(), SubscriptionsError> {
    let subscriptions = || Subscriptions::new(&environment, Terminal::Shown);
    match command {
        SubscriptionsCommand::List { url: None, .. } => subscriptions()?.list(None).await,
        SubscriptionsCommand::List { url: Some(url), name } => {
            subscriptions()?.list(Some(&Own::new(&url.parse()?, name))).await
        }
        SubscriptionsCommand::Renew { url: Some(url), name, .. } => {
            subscriptions()?.keep(&Own::new(&url.parse()?, name)).await
        }
        SubscriptionsCommand::Renew { id, .. } => subscriptions()?.renew(&id.unwrap_or_default()).await,
        SubscriptionsCommand::Remove { id } => subscriptions()?.remove(&id).await,
        SubscriptionsCommand::Opentact { url } => {
            Terminal::Shown.say(&subscriptions::opentact(&url.parse()?));
            Ok(())
        }
    }
}

/// Warnings go to standard error, more with `RUST_LOG`. The embedded database would warn of each condition that a write
/// does not meet, and here that is how a repeat is told.
fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,dynoxide=error"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    log.with_ansi(io::stderr().is_terminal()).init();
}

/// One line with the whole reason.
fn refused(error: &dyn std::error::Error) -> ExitCode {
    // If even this cannot be written, the exit code still tells.
    let _ = writeln!(io::stderr(), "trunkline: {}", chain(error));
    ExitCode::FAILURE
}

fn misused(error: &dyn std::error::Error) -> ExitCode {
    refused(error);
    ExitCode::from(USAGE)
}
