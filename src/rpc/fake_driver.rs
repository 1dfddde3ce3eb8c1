//! A driver for tests: it has no host, and does what a server's name says.

use std::sync::Arc;
use std::time::Duration;

use crate::driver::members::CheckedServer;
use crate::driver::{
    Action, ActionDone, ActionOptions, Context, CreateOptions, Created, DeleteOptions, Deleted,
    Driver, Image, Network, Provider, RecoverOptions, Recovered, Registry, SecGroup, Server, Size,
    Status,
};
use crate::{Error, Kind, Result};

#[derive(Debug)]
pub(super) struct Fake;

/// A service with [`Fake`] as its only driver.
pub(super) fn service() -> super::Service {
    let context = Context::below("/nonexistent");
    super::Service::new(Registry::new(vec![Arc::new(Fake)]), context)
}

fn server(name: &str) -> Server {
    Server {
        size: "small".to_owned(),
        ..Server::new("fake", name, "1".to_owned(), Status::Active)
    }
}

impl Driver for Fake {
    fn driver_id(&self) -> &'static str {
        "fake"
    }

    fn friendly_name(&self) -> &'static str {
        "Fake"
    }

    fn networks(&self, _cx: &Context, _provider: &Provider) -> Result<Vec<Network>> {
        Ok(vec![Network {
            name: "default".to_owned(),
            id: Some("7".to_owned()),
            active: true,
            kind: None,
            bridge: None,
            subnets: Vec::new(),
        }])
    }

    fn sec_groups(&self, _cx: &Context, _provider: &Provider) -> Result<Vec<SecGroup>> {
        Ok(Vec::new())
    }

    fn images(&self, _cx: &Context, _provider: &Provider) -> Result<Vec<Image>> {
        Ok(Vec::new())
    }

    fn sizes(&self, _cx: &Context, _provider: &Provider) -> Result<Vec<Size>> {
        Ok(Vec::new())
    }

    fn recover(
        &self,
        _cx: &Context,
        _provider: &Provider,
        _options: RecoverOptions,
    ) -> Result<Recovered> {
        Ok(Recovered::default())
    }

    /// `panics` panics; `waits` waits until it is cancelled; `sleeps` takes a moment; `absent` is
    /// not there.
    fn server(&self, cx: &Context, _provider: &Provider, name: &str) -> Result<Server> {
        match name {
            "panics" => panic!("the secret is hunter2"),
            "absent" => Err(Error::new(Kind::NotFound, "there is no server absent")),
            "waits" => loop {
                cx.cancel.check()?;
                std::thread::sleep(Duration::from_millis(1));
            },
            "sleeps" => {
                std::thread::sleep(Duration::from_millis(200));
                Ok(server(name))
            }
            _ => Ok(server(name)),
        }
    }

    fn create_server(
        &self,
        cx: &Context,
        _provider: &Provider,
        spec: CheckedServer<'_>,
        options: CreateOptions,
    ) -> Result<Created> {
        for done in 0..=500 {
            cx.progress.report("clone", done, 500);
        }
        cx.progress.report("wait", 1, 0);
        cx.progress.report("wait", 2, 0);
        Ok(Created {
            created: true,
            ready: options.wait.is_some(),
            sealed: false,
            server: server(&spec.server_name),
            minion: None,
            warnings: Vec::new(),
        })
    }

    fn server_action(
        &self,
        _cx: &Context,
        _provider: &Provider,
        name: &str,
        action: Action,
        _options: ActionOptions,
    ) -> Result<ActionDone> {
        let message = format!("{} {name}", action.as_str());
        Ok(ActionDone::new(message, true, None))
    }

    fn delete_server(
        &self,
        _cx: &Context,
        _provider: &Provider,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<Deleted> {
        Ok(Deleted {
            success: true,
            message: format!("deleted {name}, force {}", options.force),
            deleted: true,
            removed: Vec::new(),
            left: Vec::new(),
            minion_id: None,
        })
    }
}
