//! One signal that ends parts of the stack. A part finishes what it is doing: it looks for the signal between two steps.

use std::time::Duration;

use tokio::sync::watch;

/// Sends the signal; dropping it sends it too.
pub(crate) struct Trigger(watch::Sender<bool>);

/// Waits for the signal.
#[derive(Clone)]
pub(crate) struct Shutdown(watch::Receiver<bool>);

/// A trigger and what waits for it.
pub(crate) fn shutdown() -> (Trigger, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (Trigger(sender), Shutdown(receiver))
}

impl Trigger {
    /// Tells everyone to end.
    pub(crate) fn pull(self) {
        // Nobody left to hear it is what it asks for.
        let _ = self.0.send(true);
    }
}

impl Shutdown {
    /// Returns once it is time to end.
    pub(crate) async fn requested(mut self) {
        // An error means that the trigger is gone, and with it the stack.
        let _ = self.0.wait_for(|requested| *requested).await;
    }

    /// Waits that long; whether it is time to end.
    pub(crate) async fn within(&self, time: Duration) -> bool {
        tokio::time::timeout(time, self.clone().requested()).await.is_ok()
    }
}
