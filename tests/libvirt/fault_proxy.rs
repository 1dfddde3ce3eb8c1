//! Stands between the program and a daemon's TCP port, counts what the program asks, and breaks or
//! holds the connection at a point that a test chooses, or is as slow as a long way. Frames are those of
//! libvirt's RPC: four bytes of length, then program, version, procedure, type, serial and status
//! (`docs/kbase/internals/rpc.rst`).

mod frame;

use std::collections::{HashMap, HashSet};
use std::io::{self, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use frame::{CONTINUE, REMOTE, STREAM, error_to, read_frame, serial, word};

/// When it happens: once, on the way to the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Never,
    /// Once this many frames have passed.
    Frames(usize),
    /// Once the first frame of a stream has passed that is sent by the program.
    Upload,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The connection breaks; later ones work.
    Break,
    /// The connection breaks, and nobody answers any more until [`FaultProxy::release`].
    Vanish,
    /// Nothing passes until [`FaultProxy::release`].
    Hold,
    /// An error is answered in the daemon's place, which hears nothing.
    Refuse,
    /// The daemon does it, and an error is answered all the same.
    Mistake,
}

/// What was asked, and how much of it one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) connections: usize,
    pub(crate) questions: usize,
    /// Questions that were asked only once the one before was answered.
    pub(crate) in_a_row: usize,
    /// Questions of one connection that were not answered at one time.
    pub(crate) at_once: usize,
    /// The procedures by their numbers, and in which place of the row.
    pub(crate) procedures: Vec<(usize, u32)>,
}

#[allow(clippy::struct_excessive_bools, reason = "each tells of another thing")]
#[derive(Debug, Default)]
struct State {
    frames: usize,
    done: bool,
    released: bool,
    gone: bool,
    held: bool,
    counts: Counts,
    /// The place in the row of what was answered last.
    answered: usize,
    /// The place of each question by its connection and serial.
    places: HashMap<(usize, u32), usize>,
    /// The serials of a connection's questions that are not answered.
    open: HashMap<usize, HashSet<u32>>,
}

#[derive(Debug)]
struct Shared {
    daemon: SocketAddr,
    when: When,
    what: What,
    /// How long each answer is on its way.
    delay: Duration,
    state: Mutex<State>,
    changed: Condvar,
    reached: Sender<()>,
}

/// The proxy; it ends with the test program.
#[derive(Debug)]
pub(crate) struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    reached: Receiver<()>,
}

impl FaultProxy {
    /// Stands before the daemon at `port` of this machine.
    pub(crate) fn before(port: &str, when: When, what: What) -> Self {
        Self::start(port, when, what, Duration::ZERO)
    }

    /// The same as a long way, on which each answer takes `delay`.
    pub(crate) fn far_from(port: &str, delay: Duration) -> Self {
        Self::start(port, When::Never, What::Hold, delay)
    }

    fn start(port: &str, when: When, what: What, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, reached) = channel();
        let shared = Arc::new(Shared {
            daemon: format!("127.0.0.1:{port}").parse().unwrap(),
            when,
            what,
            delay,
            state: Mutex::default(),
            changed: Condvar::new(),
            reached: sender,
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                thread::spawn(move || shared.serve(client));
            }
        });
        Self {
            address,
            shared,
            reached,
        }
    }

    /// The URI that leads through it.
    pub(crate) fn uri(&self) -> String {
        format!("qemu+tcp://{}/system", self.address)
    }

    /// How many frames the program has sent.
    pub(crate) fn frames(&self) -> usize {
        self.shared.state.lock().unwrap().frames
    }

    /// What was asked since the last time that this was called.
    pub(crate) fn counts(&self) -> Counts {
        let mut state = self.shared.state.lock().unwrap();
        state.answered = 0;
        state.places.clear();
        std::mem::take(&mut state.counts)
    }

    /// Nothing passes from now on until [`FaultProxy::release`].
    pub(crate) fn hold(&self) {
        let mut state = self.shared.state.lock().unwrap();
        (state.held, state.released) = (true, false);
    }

    /// Waits until it has happened.
    pub(crate) fn reached(&self) {
        let reached = self.reached.recv_timeout(Duration::from_secs(60));
        reached.unwrap_or_else(|_| panic!("it has not happened: {:?}", self.counts()));
    }

    /// Lets everything pass from now on.
    pub(crate) fn release(&self) {
        let mut state = self.shared.state.lock().unwrap();
        state.released = true;
        (state.gone, state.held) = (false, false);
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn serve(self: Arc<Self>, client: TcpStream) {
        if self.state.lock().unwrap().gone {
            return; // hangs up, as a daemon does that is going down
        }
        let Ok(daemon) = TcpStream::connect(self.daemon) else {
            return;
        };
        let (Ok(from_daemon), Ok(to_client)) = (daemon.try_clone(), client.try_clone()) else {
            return;
        };
        for stream in [&daemon, &client] {
            stream.set_nodelay(true).unwrap();
        }
        let connection = {
            let counts = &mut self.state.lock().unwrap().counts;
            counts.connections += 1;
            counts.connections
        };
        let answers = Arc::new(Answers {
            client: Mutex::new(to_client),
            mistaken: Mutex::new(None),
        });
        let (shared, answering) = (Arc::clone(&self), Arc::clone(&answers));
        let back = thread::spawn(move || {
            let _ = shared.deliver(connection, from_daemon, &answering);
            let _ = answering.client.lock().unwrap().shutdown(Shutdown::Both);
        });
        let _ = self.forward(connection, &client, &daemon, &answers);
        let _ = client.shutdown(Shutdown::Both);
        let _ = daemon.shutdown(Shutdown::Both);
        let _ = back.join();
    }

    /// Brings answers back, each after its time on the way.
    fn deliver(&self, connection: usize, daemon: TcpStream, answers: &Answers) -> io::Result<()> {
        let (sender, on_the_way) = channel();
        let delay = self.delay;
        thread::spawn(move || {
            while let Ok(frame) = read_frame(&daemon) {
                if sender.send((Instant::now() + delay, frame)).is_err() {
                    return;
                }
            }
        });
        for (due, frame) in on_the_way {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            {
                let state = self.state.lock().unwrap();
                let state = self.changed.wait_while(state, |state| state.held);
                let state = &mut *state.unwrap();
                let place = state.places.get(&(connection, serial(&frame)));
                state.answered = state.answered.max(place.copied().unwrap_or(0));
                let open = state.open.entry(connection).or_default();
                open.remove(&serial(&frame));
            }
            answers.pass_on(frame)?;
        }
        Ok(())
    }

    /// Passes frames on until either side ends or the connection is to break.
    fn forward(
        &self,
        connection: usize,
        client: &TcpStream,
        mut daemon: &TcpStream,
        answers: &Answers,
    ) -> io::Result<()> {
        loop {
            let frame = read_frame(client)?;
            self.count(connection, &frame);
            let refuses = self.what == What::Refuse;
            if !refuses {
                if self.what == What::Mistake && self.is_next(&frame) {
                    *answers.mistaken.lock().unwrap() = Some(serial(&frame));
                }
                daemon.write_all(&frame)?;
            }
            let is_due = self.passed(&frame);
            match (is_due, self.what) {
                (true, What::Refuse) => answers.say(&error_to(&frame))?,
                (true, What::Break | What::Vanish) => return Ok(()),
                (false, What::Refuse) => daemon.write_all(&frame)?,
                _ => {}
            }
        }
    }

    /// Whether it happens at this frame, which has not been counted.
    fn is_next(&self, frame: &[u8]) -> bool {
        let state = self.state.lock().unwrap();
        word(frame, 4) == REMOTE
            && matches!(self.when, When::Frames(count) if state.frames + 1 >= count && !state.done)
    }

    /// Counts a question of the program's.
    fn count(&self, connection: usize, frame: &[u8]) {
        let is_asked = word(frame, 16) != STREAM || word(frame, 24) != CONTINUE;
        if word(frame, 4) != REMOTE || !is_asked {
            return;
        }
        let state = &mut *self.state.lock().unwrap();
        let place = state.answered + 1;
        state.places.insert((connection, word(frame, 20)), place);
        let open = state.open.entry(connection).or_default();
        open.insert(serial(frame));
        state.counts.at_once = state.counts.at_once.max(open.len());
        state.counts.questions += 1;
        state.counts.in_a_row = state.counts.in_a_row.max(place);
        state.counts.procedures.push((place, word(frame, 12)));
    }

    /// Counts a frame; answers whether it has happened to this one.
    fn passed(&self, frame: &[u8]) -> bool {
        if word(frame, 4) != REMOTE {
            return false;
        }
        let mut state = self.state.lock().unwrap();
        state.frames += 1;
        let now = match self.when {
            When::Never => false,
            When::Frames(count) => state.frames >= count,
            // A stream's frames that end a download carry no data.
            When::Upload => word(frame, 16) == STREAM && frame.len() > 1000,
        };
        let held = state.held;
        let is_due = !held && now && !state.done;
        if is_due {
            state.done = true;
            state.gone = self.what == What::Vanish;
            let _ = self.reached.send(());
        }
        if held || is_due && self.what == What::Hold {
            let _released = self
                .changed
                .wait_while(state, |state| !state.released)
                .unwrap();
        }
        is_due
    }
}

/// The way back to the program.
struct Answers {
    client: Mutex<TcpStream>,
    /// The serial of the call whose answer is to be an error.
    mistaken: Mutex<Option<u32>>,
}

impl Answers {
    fn pass_on(&self, frame: Vec<u8>) -> io::Result<()> {
        let is_answer = word(&frame, 4) == REMOTE && word(&frame, 16) != 2;
        let is_meant = |mistaken: &mut u32| is_answer && *mistaken == serial(&frame);
        let mistaken = self.mistaken.lock().unwrap().take_if(is_meant);
        self.say(&mistaken.map_or(frame.clone(), |_| error_to(&frame)))
    }

    fn say(&self, frame: &[u8]) -> io::Result<()> {
        self.client.lock().unwrap().write_all(frame)
    }
}
