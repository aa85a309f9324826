//! Renews the subscription at OnSIP; see the library beside this.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    renew::run().await
}
