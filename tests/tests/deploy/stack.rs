//! The stack: built, deployed, updated and deleted with the SAM CLI, as a user does it.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tests::http::{Answer, Client};
use toml_edit::{DocumentMut, value};

use super::command::{repository, run, timed, virtual_environment};
use super::emulator::Emulator;

const NAME: &str = "trunkline";
const STAGE: &str = "v1";
/// What a user copies to `samconfig.toml`. The release before has that file itself.
const EXAMPLE: &str = "samconfig.example.toml";
/// The copy.
const CONFIG: &str = "target/samconfig.toml";

pub(super) struct Stack<'a> {
    emulator: &'a Emulator,
    programs: PathBuf,
    /// The folder of the template.
    tree: PathBuf,
}

impl<'a> Stack<'a> {
    /// The working tree, built as it is released: in less time than `sam build` takes.
    pub(super) fn build(emulator: &'a Emulator) -> Self {
        Self::built(emulator, repository(), |stack| run(&mut Command::new(stack.tree.join(".ci/build-functions"))))
    }

    /// `sam build` of a tree, without the minutes that optimizing takes: what it stores is the same.
    pub(super) fn build_quickly(emulator: &'a Emulator, tree: PathBuf) -> Self {
        let mode = [("SAM_BUILD_MODE", "debug"), ("CARGO_PROFILE_DEV_STRIP", "true")];
        Self::built(emulator, tree, |stack| run(stack.sam("build", &[]).envs(mode)))
    }

    fn built(emulator: &'a Emulator, tree: PathBuf, build: impl FnOnce(&Self) -> String) -> Self {
        let stack = Self { emulator, programs: virtual_environment("sam").join("bin"), tree };
        if let Some(example) = stack.example() {
            stack.configure(&example, &[]);
        }
        timed("building the functions", || build(&stack));
        for entry in std::fs::read_dir(stack.tree.join(".aws-sam/build")).unwrap() {
            let function = entry.unwrap().path();
            if let Ok(artifact) = std::fs::metadata(function.join("bootstrap")) {
                eprintln!("{}: {} bytes", function.file_name().unwrap().display(), artifact.len());
            }
        }
        stack
    }

    /// `sam deploy` with these parameters: the first time and every time after, also over what another tree deployed.
    pub(super) fn deploy(&self, parameters: &[(&str, &str)]) {
        let overrides: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut arguments = vec!["--no-confirm-changeset", "--no-progressbar"];
        match self.example() {
            Some(example) => self.configure(&example, parameters),
            None => {
                arguments.push("--parameter-overrides");
                arguments.extend(overrides.iter().map(String::as_str));
            }
        }
        timed("sam deploy", || run(&mut self.sam("deploy", &arguments)));
        self.complete_api(parameters);
        self.allow_batches();
    }

    fn example(&self) -> Option<String> {
        std::fs::read_to_string(self.tree.join(EXAMPLE)).ok()
    }

    /// Fills the parameters into a copy of the example, as a user does.
    fn configure(&self, example: &str, parameters: &[(&str, &str)]) {
        let mut config: DocumentMut = example.parse().unwrap();
        let overrides = config["default"]["deploy"]["parameters"]["parameter_overrides"].as_table_mut().unwrap();
        // MiniStack takes no alarm on an expression.
        for (name, given) in parameters.iter().chain(&[("StreamAlarm", "off")]) {
            overrides.insert(name, value(*given));
        }
        std::fs::write(self.tree.join(CONFIG), config.to_string()).unwrap();
    }

    /// MiniStack asks for an action of the call's own name; AWS knows none and lets whoever may `sns:Publish`.
    fn allow_batches(&self) {
        let topic = self.resource("EventsTopic");
        let statement = json!({"Effect": "Allow", "Action": "sns:PublishBatch", "Resource": topic});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let role = self.resource("NotifyRole");
        let wish = json!({"RoleName": role, "PolicyName": "batches", "PolicyDocument": policy});
        self.emulator.aws("iam", "put_role_policy", &wish);
    }

    /// `sam delete`.
    pub(super) fn delete(&self) {
        timed("sam delete", || run(&mut self.sam("delete", &["--no-prompts"])));
    }

    fn sam(&self, command: &str, arguments: &[&str]) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut sam = Command::new(self.programs.join("sam"));
        sam.arg(command).args(arguments).current_dir(&self.tree);
        if self.example().is_some() {
            sam.arg("--config-file").arg(self.tree.join(CONFIG));
        }
        // Each tree has its own: cargo names what it makes of a workspace by paths inside it, and would take one's for another's.
        sam.env("CARGO_TARGET_DIR", self.tree.join("target"));
        sam.env("PATH", format!("{}:{path}", self.programs.display())).env("SAM_CLI_TELEMETRY", "0");
        self.emulator.serve(&mut sam);
        sam
    }

    /// Where it is deployed.
    pub(super) fn emulator(&self) -> &'a Emulator {
        self.emulator
    }

    /// The configuration of a function.
    pub(super) fn function(&self, name: &str) -> Value {
        let question = json!({"FunctionName": self.resource(name)});
        self.emulator.aws("lambda", "get_function_configuration", &question)
    }

    /// An output of the stack.
    pub(super) fn output(&self, name: &str) -> String {
        let answer = self.emulator.aws("cloudformation", "describe_stacks", &json!({"StackName": NAME}));
        let outputs = answer["Stacks"][0]["Outputs"].as_array().unwrap();
        let output = outputs.iter().find(|output| output["OutputKey"] == name);
        output.unwrap_or_else(|| panic!("no output {name}"))["OutputValue"].as_str().unwrap().to_owned()
    }

    /// The physical id of a resource.
    pub(super) fn resource(&self, name: &str) -> String {
        let question = json!({"StackName": NAME, "LogicalResourceId": name});
        let answer = self.emulator.aws("cloudformation", "describe_stack_resource", &question);
        answer["StackResourceDetail"]["PhysicalResourceId"].as_str().unwrap().to_owned()
    }

    /// The API, as a provider and a reader reach it.
    pub(super) fn api(&self) -> Api {
        let url = self.output("ApiUrl");
        let public_host = url.strip_prefix("https://").and_then(|rest| rest.split('/').next()).unwrap().to_owned();
        let id = public_host.split('.').next().unwrap();
        let port = self.emulator.port();
        Api {
            client: Client::new(format!("http://127.0.0.1:{port}/{STAGE}")),
            host: format!("{id}.execute-api.localhost:{port}"),
            public_host,
            port,
        }
    }

    /// MiniStack drops an imported API's resource policy and gateway responses: both are written to it again, from the
    /// template as SAM's transform left it, and come into force with a deployment.
    fn complete_api(&self, parameters: &[(&str, &str)]) {
        let question = json!({"StackName": NAME, "TemplateStage": "Processed"});
        let processed = self.emulator.aws("cloudformation", "get_template", &question);
        let body = &processed["TemplateBody"]["Resources"]["Api"]["Properties"]["Body"];
        let api = self.resource("Api");

        let policy = with_addresses(&body["x-amazon-apigateway-policy"], parameters).to_string();
        let patch = json!([{"op": "replace", "path": "/policy", "value": policy}]);
        self.emulator.aws("apigateway", "update_rest_api", &json!({"restApiId": api, "patchOperations": patch}));
        for (kind, response) in body["x-amazon-apigateway-gateway-responses"].as_object().unwrap() {
            let mut wanted = response.clone();
            wanted["restApiId"] = json!(api);
            wanted["responseType"] = json!(kind);
            if let Some(status) = response["statusCode"].as_u64() {
                wanted["statusCode"] = json!(status.to_string());
            }
            self.emulator.aws("apigateway", "put_gateway_response", &wanted);
        }
        self.emulator.aws("apigateway", "create_deployment", &json!({"restApiId": api, "stageName": STAGE}));
    }
}

/// The policy with the addresses that were given. MiniStack shows the parameter's default in their place.
fn with_addresses(policy: &Value, parameters: &[(&str, &str)]) -> Value {
    let given = parameters.iter().find(|(name, _)| *name == "OpentactAddresses").unwrap().1;
    let mut policy = policy.clone();
    let addresses = &mut policy["Statement"][1]["Condition"]["NotIpAddress"]["aws:SourceIp"];
    assert!(addresses["Fn::Split"].is_array(), "one string would be no list of addresses: {policy}");
    *addresses = given.split(',').collect();
    policy
}

/// The deployed API.
#[derive(Clone)]
pub(super) struct Api {
    client: Client,
    host: String,
    public_host: String,
    port: u16,
}

impl Api {
    /// The host by which the emulator knows it.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The host of its URL, as AWS would serve it.
    pub(super) fn public_host(&self) -> &str {
        &self.public_host
    }

    /// A URL that needs no name: the emulator knows the API by its path.
    pub(super) fn url(&self) -> String {
        let id = self.host.split('.').next().unwrap();
        format!("http://127.0.0.1:{}/restapis/{id}/{STAGE}/_user_request_", self.port)
    }

    /// The emulator's port.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.client.send(method, path, &self.with_host(headers), body)
    }

    /// Posts, where the emulator may be away.
    pub(super) fn try_post(&self, path: &str, body: &[u8]) -> Option<Answer> {
        self.client.try_send("POST", path, &self.with_host(&[("content-type", "application/json")]), body).ok()
    }

    fn with_host<'a>(&'a self, headers: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        [&[("host", self.host.as_str())], headers].concat()
    }

    pub(super) fn post(&self, path: &str, body: &[u8]) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], body)
    }

    pub(super) fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", path, &[("authorization", &format!("Bearer {token}"))], b"")
    }
}
