//! The cloud without our program: how tests prepare what it finds, and see what it did.

use std::collections::HashMap;
use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

/// Somebody who is logged in.
#[derive(Debug)]
pub(crate) struct Rest {
    client: Client,
    token: String,
    /// Where each type of service is, in the first region.
    endpoints: HashMap<String, String>,
    pub(crate) project_id: String,
    pub(crate) user_id: String,
}

impl Rest {
    /// Logs in, in the domain Default.
    pub(crate) fn log_in(auth_url: &str, user: &str, password: &str, project: &str) -> Self {
        let domain = json!({"id": "default"});
        let body = json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user":
                {"name": user, "domain": domain, "password": password}}},
            "scope": {"project": {"name": project, "domain": domain}},
        }});
        let client = Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(120))
            .build()
            .unwrap();
        let answer = client
            .post(format!("{auth_url}/auth/tokens"))
            .json(&body)
            .send()
            .unwrap();
        assert_eq!(answer.status(), 201, "{user} cannot log in");
        let token = answer.headers()["x-subject-token"].to_str().unwrap();
        let token = token.to_owned();
        let said: Value = answer.json().unwrap();
        let mut endpoints = HashMap::new();
        for service in said["token"]["catalog"].as_array().unwrap() {
            let here = service["endpoints"].as_array().unwrap().iter();
            let here = here.filter(|one| one["interface"] == "public");
            if let Some(found) = here.into_iter().find(|one| one["region"] == "RegionOne") {
                endpoints.insert(
                    service["type"].as_str().unwrap().to_owned(),
                    found["url"].as_str().unwrap().to_owned(),
                );
            }
        }
        endpoints.insert("identity".to_owned(), auth_url.to_owned());
        let id = |of: &str| said["token"][of]["id"].as_str().unwrap().to_owned();
        Self {
            project_id: id("project"),
            user_id: id("user"),
            client,
            token,
            endpoints,
        }
    }

    /// The token.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Where the service of type `service` is.
    pub(crate) fn endpoint(&self, service: &str) -> &str {
        &self.endpoints[service]
    }

    /// Asks the service of type `service`: its status and what it says.
    pub(crate) fn try_ask(
        &self,
        method: Method,
        service: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let base = self.endpoints[service].trim_end_matches('/');
        let mut request = self
            .client
            .request(method, format!("{base}{path}"))
            .header("X-Auth-Token", &self.token)
            .header("OpenStack-API-Version", version(service));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer: Response = request.send().unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().unwrap_or_default())
    }

    fn ask(&self, method: Method, service: &str, path: &str, body: Option<&Value>) -> Value {
        let (status, said) = self.try_ask(method.clone(), service, path, body);
        assert!(status < 300, "{method} {service} {path}: {status} {said}");
        said
    }

    pub(crate) fn get(&self, service: &str, path: &str) -> Value {
        self.ask(Method::GET, service, path, None)
    }

    pub(crate) fn post(&self, service: &str, path: &str, body: &Value) -> Value {
        self.ask(Method::POST, service, path, Some(body))
    }

    pub(crate) fn put(&self, service: &str, path: &str, body: &Value) -> Value {
        self.ask(Method::PUT, service, path, Some(body))
    }

    pub(crate) fn patch(&self, service: &str, path: &str, body: &Value) -> Value {
        self.ask(Method::PATCH, service, path, Some(body))
    }

    /// Fills the image `id`, as a hypervisor does with a snapshot.
    pub(crate) fn fill_image(&self, id: &str, content: &'static [u8]) {
        self.change_image(
            id,
            &json!([
                {"op": "add", "path": "/disk_format", "value": "raw"},
                {"op": "add", "path": "/container_format", "value": "bare"},
            ]),
        );
        let kind = "application/octet-stream";
        self.send_image(Method::PUT, &format!("{id}/file"), kind, content.to_vec());
    }

    /// Lets the image `id` be deleted.
    pub(crate) fn unprotect(&self, id: &str) {
        let change = json!([{"op": "replace", "path": "/protected", "value": false}]);
        self.change_image(id, &change);
    }

    fn change_image(&self, id: &str, change: &Value) {
        let kind = "application/openstack-images-v2.1-json-patch";
        self.send_image(Method::PATCH, id, kind, change.to_string().into_bytes());
    }

    fn send_image(&self, method: Method, path: &str, kind: &str, body: Vec<u8>) {
        let base = self.endpoints["image"].trim_end_matches('/');
        let url = format!("{base}/v2/images/{path}");
        let request = self.client.request(method, url).body(body);
        let request = request.header("X-Auth-Token", &self.token);
        let answer = request.header("Content-Type", kind).send().unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    pub(crate) fn delete(&self, service: &str, path: &str) {
        self.ask(Method::DELETE, service, path, None);
    }
}

fn version(service: &str) -> String {
    match service {
        "compute" => "compute 2.79".to_owned(),
        "volumev3" => "volume 3.59".to_owned(),
        other => format!("{other} latest"),
    }
}
