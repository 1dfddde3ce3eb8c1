#![allow(missing_docs, unreachable_pub, reason = "compiled by cargo-fuzz only")]

use serde_json::{Map, Value};

use super::envelope::{self, Message, Request};
use super::lines::{Line, next_line};
use crate::decode::decode;
use crate::driver::{Provider, ServerSpec};
use crate::redact::Secrets;
use crate::{Error, Kind};

pub fn rpc(data: &[u8]) {
    let mut input = data;
    while let Ok(Some(line)) = next_line(&mut input, 1 << 16) {
        let Line::Message(line) = line else { continue };
        match envelope::read(&line) {
            Some(Message::One(Ok(request))) => take(request),
            Some(Message::Batch(all)) => all.into_iter().flatten().for_each(take),
            _ => {}
        }
    }
}

fn take(request: Request) {
    let Ok(params) = request.params else { return };
    members(&params);
    let secrets = Secrets::of(&params);
    let text = Value::Object(params).to_string();
    let _ = secrets.redact(Error::new(Kind::Internal, text));
}

fn members(params: &Map<String, Value>) {
    let member = |name: &str| params.get(name).unwrap_or(&Value::Null);
    let _ = decode::<ServerSpec>(member("server"), "/server");
    let _ = decode::<Provider>(member("provider"), "/provider");
    if let Ok(build) =
        decode::<crate::config_drive::BuildRequest>(&Value::Object(params.clone()), "")
    {
        let _ = build.seed.image();
    }
}
