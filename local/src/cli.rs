//! The command line: flags to [`Options`], a stack until Ctrl-C, or a look at another; and one line for what went
//! wrong.

use std::io::{self, IsTerminal as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use shared::log::chain;
use shared::settings::environment;
use tracing_subscriber::EnvFilter;

use crate::call::{self, Showing};
use crate::check::{self, Check, CheckFlags, CheckResult};
use crate::demo;
use crate::forget::{self, Forget, ForgetFlags, Whom};
use crate::guide;
use crate::mute::{self, Muting};
use crate::redrive::{self, Redrive, RedriveFlags, Redriven, Task, Variables};
use crate::stack::{Error, Options, Stack, Subscription};
use crate::subscriptions::{self, Own, Subscriptions, SubscriptionsError};
use crate::terminal::Terminal;
use crate::tokens::{self, TokensFlags};

/// The windows of alerts in seconds, and the balances that are low: as deployed, and so that a demo shows them.
const WINDOW: u64 = 900;
const DEMO_WINDOW: u64 = 20;
const NO_LOW_BALANCE: &str = "0";
const DEMO_LOW_BALANCE: &str = "20";

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
    /// Mute alerts for a while, as during a carrier's works; end a mute, or list those in force
    #[command(after_help = mute::HELP)]
    Mute(Muting),
    /// Replay dead letters, or the events of a stretch of time, on a deployed stack or the local one
    #[command(after_help = redrive::HELP)]
    Redrive(RedriveFlags),
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

#[derive(Args)]
struct Flags {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 3000)))]
    listen: SocketAddr,

    /// Keep everything in this directory [default: a temporary file, deleted at the end]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// The token that deliveries of both providers carry [default: random, printed]
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,

    /// The token that readers send as a bearer [default: random, printed]
    #[arg(long, value_name = "TOKEN")]
    read_token: Option<String>,

    /// The token that operators send as a bearer [default: random, printed]
    #[arg(long, value_name = "TOKEN")]
    operator_token: Option<String>,

    /// The addresses or networks that Opentact may deliver from
    #[arg(long, value_name = "CIDR", num_args = 1.., value_delimiter = ',',
          default_values_t = Options::default_opentact_allow())]
    opentact_allow: Vec<String>,

    /// So many failed calls of a kind within ten minutes are an incident [default: 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=50))]
    alert_after: Option<u64>,

    /// Seconds for which failures are gathered into one summary after an incident was told [default: 900, with --demo 20]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    alert_window: Option<u64>,

    /// Alert when the balance falls below this, or first by e-mail only (100,20); 0 is no limit [default: 0, with --demo 20]
    #[arg(long, value_name = "AMOUNT")]
    low_balance: Option<String>,

    /// Play a day of invented calls, messages and failures, ending now
    #[arg(long)]
    demo: bool,
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
    status
}

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
        Command::Call(showing) => match showing.run(&environment, Terminal::Shown).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.is_misuse() => misused(&error),
            Err(error) => refused(&error),
        },
        Command::Mute(muting) => match muting.run(&environment, Terminal::Shown).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.is_misuse() => misused(&error),
            Err(error) => refused(&error),
        },
        Command::Redrive(flags) => redrive(&flags).await,
        Command::Forget(flags) => forget(&flags).await,
        Command::Subscriptions(command) => match subscriptions(command).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.is_misuse() => misused(&error),
            Err(error) => refused(&error),
        },
    }
}

impl Flags {
    fn options(&self) -> Options {
        let (window, low) = if self.demo { (DEMO_WINDOW, DEMO_LOW_BALANCE) } else { (WINDOW, NO_LOW_BALANCE) };
        let alert_window = Duration::from_secs(self.alert_window.unwrap_or(window));
        Options {
            alert_window,
            alert_after: self.alert_after.unwrap_or(Options::default().alert_after),
            // A window's end is to be seen when it is over, however short it is.
            every: Options::default().every.min(alert_window / 4),
            low_balance: self.low_balance.clone().unwrap_or_else(|| low.to_owned()),
            listen: self.listen,
            data: self.data.clone(),
            token: self.token.clone(),
            read_token: self.read_token.clone(),
            operator_token: self.operator_token.clone(),
            opentact_allow: self.opentact_allow.clone(),
            subscription: if self.demo { Subscription::Renewed } else { Subscription::ByHand },
            terminal: Terminal::Shown,
            ..Options::default()
        }
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

async fn serve(flags: Flags) -> Result<(), Error> {
    // Before anything is open, so that no signal can fall between.
    let stop = Stop::listen().map_err(Error::Signals)?;
    let stack = Stack::start(flags.options()).await?;
    Terminal::Shown.say(&guide::ready(stack.url(), stack.tokens()));
    let played = async {
        if flags.demo {
            demo::play(&stack, Terminal::Shown).await;
            let told = stack.renewal().await.and_then(|renewal| guide::subscription(&renewal));
            told.iter().for_each(|told| Terminal::Shown.say(told));
            demo::go_on(&stack, flags.options().alert_window, Terminal::Shown).await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = played => {}
        () = stop.asked() => {}
    }
    Terminal::Shown.say("stopping");
    stack.shutdown().await;
    Ok(())
}

/// Ctrl-C, or what a service manager sends.
struct Stop {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn asked(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Stop {
    #[expect(clippy::unnecessary_wraps, reason = "the same as on Unix")]
    fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    async fn asked(self) {
        // Without a way to listen for Ctrl-C it ends the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
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
