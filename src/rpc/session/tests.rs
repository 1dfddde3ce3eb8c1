use std::io::{BufReader, PipeReader, PipeWriter, Read, pipe};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use crate::rpc::fake_driver::service;

/// A session that runs, and the other ends of its streams.
struct Running {
    input: PipeWriter,
    output: BufReader<PipeReader>,
    interrupter: Interrupter,
    thread: thread::JoinHandle<Ended>,
}

fn start() -> Running {
    let (requests, input) = pipe().unwrap();
    let (output, answers) = pipe().unwrap();
    let session = Session::new(Arc::new(service()));
    Running {
        input,
        output: BufReader::new(output),
        interrupter: session.interrupter(),
        thread: thread::spawn(move || session.run(BufReader::new(requests), answers)),
    }
}

impl Running {
    fn send(&mut self, message: &Value) {
        writeln!(self.input, "{message}").unwrap();
    }

    fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Ends the input; answers what is still written.
    fn end(self) -> (Vec<Value>, Ended) {
        drop(self.input);
        let lines = self.output.lines().map(std::result::Result::unwrap);
        let rest = lines.map(|line| serde_json::from_str(&line).unwrap());
        let rest = rest.collect();
        (rest, self.thread.join().unwrap())
    }
}

fn show(id: impl Into<Value>, name: &str) -> Value {
    let provider = json!({"driver_name": "fake"});
    let params = json!({"provider": provider, "server_name": name});
    json!({"jsonrpc": "2.0", "id": id.into(), "method": "server.show", "params": params})
}

fn create(id: Option<i32>, progress: bool) -> Value {
    let provider = json!({"driver_name": "fake"});
    let params =
        json!({"provider": provider, "server": {"server_name": "a"}, "progress": progress});
    let mut request = json!({"jsonrpc": "2.0", "method": "server.create", "params": params});
    if let Some(id) = id {
        request["id"] = json!(id);
    }
    request
}

#[test]
fn a_quick_request_overtakes_a_slow_one() {
    let mut running = start();
    running.send(&show("slow", "sleeps"));
    running.send(&show("quick", "a"));
    assert_eq!(running.receive()["id"], "quick");
    assert_eq!(running.receive()["id"], "slow");
    assert_eq!(running.end(), (vec![], Ended::EndOfInput));
}

#[test]
fn requests_run_side_by_side_and_no_more_than_allowed_at_once() {
    let mut running = start();
    let started = Instant::now();
    let count = MAX_CONCURRENT * 2;
    for id in 0..count {
        running.send(&show(id, "sleeps"));
    }
    let (answers, _) = running.end();
    assert_eq!(answers.len(), count);
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(400), "{took:?}");
    assert!(took < Duration::from_millis(200) * u32::try_from(count).unwrap());
}

#[test]
fn at_the_end_of_input_what_runs_is_answered() {
    let mut running = start();
    running.send(&show(1, "sleeps"));
    let (answers, ended) = running.end();
    assert_eq!(answers[0]["result"]["server"]["name"], "sleeps");
    assert_eq!(ended, Ended::EndOfInput);
}

#[test]
fn a_batch_is_answered_by_one_array_without_its_notifications() {
    let mut running = start();
    let notification = json!({"jsonrpc": "2.0", "method": "version"});
    running.send(&json!([
        show(1, "sleeps"),
        7,
        notification,
        show(2, "absent")
    ]));
    running.send(&json!([notification]));
    let (lines, _) = running.end();
    assert_eq!(lines.len(), 1);
    let mut answers = lines[0].as_array().unwrap().clone();
    answers.sort_by_key(|answer| answer["id"].as_i64());
    assert_eq!(answers[0]["error"]["data"]["kind"], "invalid_request");
    assert_eq!(answers[1]["result"]["server"]["name"], "sleeps");
    assert_eq!(answers[2]["error"]["data"]["kind"], "not_found");
}

#[test]
fn an_empty_batch_is_an_error_and_not_an_array() {
    let mut running = start();
    running.send(&json!([]));
    assert_eq!(running.receive()["error"]["code"], -32600);
}

#[test]
fn a_notification_is_not_answered_even_where_it_fails() {
    let mut running = start();
    running.send(&json!({"jsonrpc": "2.0", "method": "nonsense"}));
    running.send(&create(None, true));
    assert_eq!(running.end(), (vec![], Ended::EndOfInput));
}

#[test]
fn progress_is_told_before_the_answer_with_its_first_and_last() {
    let mut running = start();
    running.send(&create(Some(9), true));
    let (mut lines, _) = running.end();
    let answer = lines.pop().unwrap();
    assert_eq!(answer["id"], 9);
    assert!(lines.len() < 20, "{}", lines.len());
    for line in &lines {
        assert_eq!(line["method"], "progress");
        assert_eq!(line["params"]["id"], 9);
        assert!(line.get("id").is_none());
    }
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["params"]["phase"].as_str().unwrap(),
                line["params"]["done"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(told.first(), Some(&("clone", 0)));
    assert!(told.contains(&("clone", 500)));
    assert_eq!(told.last(), Some(&("wait", 2)));
}

#[test]
fn progress_is_not_told_unasked() {
    let mut running = start();
    running.send(&create(Some(9), false));
    assert_eq!(running.end().0.len(), 1);
}

#[test]
fn an_interruption_is_answered_although_input_stays_open() {
    let mut running = start();
    running.send(&show(1, "waits"));
    thread::sleep(Duration::from_millis(20));
    running.interrupter.interrupt(2);
    assert_eq!(running.receive()["error"]["data"]["kind"], "cancelled");
    assert_eq!(running.thread.join().unwrap(), Ended::Interrupted(2));
    let mut rest = String::new();
    running.output.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
    drop(running.input);
}

#[test]
fn a_signal_after_the_end_of_input_still_tells_how_it_ended() {
    let mut running = start();
    running.send(&show(1, "waits"));
    drop(running.input);
    thread::sleep(Duration::from_millis(50));
    running.interrupter.interrupt(15);
    assert_eq!(running.thread.join().unwrap(), Ended::Interrupted(15));
}

#[test]
fn closed_output_cancels_what_runs() {
    let mut running = start();
    running.send(&show(1, "waits"));
    drop(running.output);
    running.input.write_all(b"{}\n").unwrap();
    assert_eq!(running.thread.join().unwrap(), Ended::OutputClosed);
}

#[test]
fn a_caller_who_does_not_read_keeps_no_interruption_waiting() {
    let mut running = start();
    let long = "x".repeat(4096);
    for id in 0..100 {
        running.send(&show(format!("{id}{long}"), "a"));
    }
    running.send(&create(Some(7), true));
    thread::sleep(Duration::from_millis(100));
    let told = Instant::now();
    running.interrupter.interrupt(15);
    assert_eq!(running.thread.join().unwrap(), Ended::Interrupted(15));
    assert!(told.elapsed() < Duration::from_secs(20));
    drop((running.input, running.output));
}

#[test]
fn progress_is_left_out_where_the_caller_does_not_keep_up() {
    let (_reader, stream) = pipe().unwrap();
    let (sender, _ended) = channel();
    let cancel = Cancel::default();
    let output = Output::start(stream, cancel.clone(), sender).unwrap();
    output.write(&"x".repeat(1 << 20));
    let before = output.waiting();
    output.tell(&"progress");
    assert_eq!(output.waiting(), before);
    output.write(&"answer");
    assert!(output.waiting() > before);
    cancel.cancel();
    output.finish();
}

#[test]
fn a_panic_is_answered_and_the_session_goes_on() {
    let mut running = start();
    running.send(&show(1, "panics"));
    let answer = running.receive();
    assert_eq!(answer["error"]["data"]["kind"], "internal");
    assert!(!answer.to_string().contains("hunter2"));
    running.send(&show(2, "a"));
    assert_eq!(running.receive()["id"], 2);
}

#[test]
fn a_line_that_cannot_be_read_does_not_end_the_session() {
    let mut running = start();
    running.input.write_all(b"\xff\xfe\n{\n\n[1\n").unwrap();
    for _ in 0..3 {
        let answer = running.receive();
        assert_eq!(
            answer["error"]["code"],
            crate::rpc::error_object::PARSE_ERROR
        );
        assert_eq!(answer["id"], Value::Null);
    }
    running.send(&show(2, "a"));
    assert_eq!(running.receive()["id"], 2);
}
