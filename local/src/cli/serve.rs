//! Without a command: a stack of its own, until Ctrl-C.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::demo;
use crate::guide;
use crate::stack::{Error, Options, Stack, Subscription};
use crate::stop::Stop;
use crate::terminal::Terminal;

/// The windows of alerts in seconds, and the balances that are low: as deployed, and so that a demo shows them.
const WINDOW: u64 = 900;
const DEMO_WINDOW: u64 = 20;
const NO_LOW_BALANCE: &str = "0";
const DEMO_LOW_BALANCE: &str = "20";

#[derive(Args)]
pub(super) struct Flags {
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

/// Runs the stack until it is asked to stop.
pub(super) async fn serve(flags: Flags) -> Result<(), Error> {
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
