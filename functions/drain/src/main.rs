//! Stores what waited in the spool; see the library beside this.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    drain::run().await
}
