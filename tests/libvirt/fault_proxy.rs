//! Stands between the program and a daemon's TCP port, counts what the program asks, and breaks or
//! holds the connection at a point that a test chooses. Frames are those of libvirt's RPC: four bytes
//! of length, then program, version, procedure and type (`docs/kbase/internals/rpc.rst`).

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// libvirt's own calls; keepalives are another program.
const REMOTE: u32 = 0x2000_8086;
/// The types of a frame: an answer, and a stream's data.
const REPLY: u32 = 1;
const STREAM: u32 = 3;

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

#[derive(Debug)]
struct State {
    frames: usize,
    done: bool,
    released: bool,
    gone: bool,
}

#[derive(Debug)]
struct Shared {
    daemon: SocketAddr,
    when: When,
    what: What,
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
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, reached) = channel();
        let shared = Arc::new(Shared {
            daemon: format!("127.0.0.1:{port}").parse().unwrap(),
            when,
            what,
            state: Mutex::new(State {
                frames: 0,
                done: false,
                released: false,
                gone: false,
            }),
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

    /// Waits until it has happened.
    pub(crate) fn reached(&self) {
        self.reached.recv_timeout(Duration::from_secs(60)).unwrap();
    }

    /// Lets everything pass from now on.
    pub(crate) fn release(&self) {
        let mut state = self.shared.state.lock().unwrap();
        state.released = true;
        state.gone = false;
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
        let answers = Arc::new(Answers {
            client: Mutex::new(to_client),
            mistaken: Mutex::new(None),
        });
        let answering = Arc::clone(&answers);
        let back = thread::spawn(move || {
            let _ = answering.pass_on(&from_daemon);
            let _ = answering.client.lock().unwrap().shutdown(Shutdown::Both);
        });
        let _ = self.forward(&client, &daemon, &answers);
        let _ = client.shutdown(Shutdown::Both);
        let _ = daemon.shutdown(Shutdown::Both);
        let _ = back.join();
    }

    /// Passes frames on until either side ends or the connection is to break.
    fn forward(
        &self,
        client: &TcpStream,
        mut daemon: &TcpStream,
        answers: &Answers,
    ) -> io::Result<()> {
        loop {
            let frame = read_frame(client)?;
            let refuses = self.what == What::Refuse;
            if !refuses {
                if self.what == What::Mistake && self.is_next(&frame) {
                    *answers.mistaken.lock().unwrap() = Some(serial(&frame));
                }
                daemon.write_all(&frame)?;
            }
            let is_due = self.passed(&frame[4..]);
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

    /// Counts a frame; answers whether it has happened to this one.
    fn passed(&self, frame: &[u8]) -> bool {
        if word(frame, 0) != REMOTE {
            return false;
        }
        let mut state = self.state.lock().unwrap();
        state.frames += 1;
        let now = match self.when {
            When::Never => false,
            When::Frames(count) => state.frames >= count,
            // A stream's frames that end a download carry no data.
            When::Upload => word(frame, 12) == STREAM && frame.len() > 1000,
        };
        if !now || state.done {
            return false;
        }
        state.done = true;
        state.gone = self.what == What::Vanish;
        let _ = self.reached.send(());
        if self.what == What::Hold {
            let _released = self
                .changed
                .wait_while(state, |state| !state.released)
                .unwrap();
        }
        true
    }
}

/// The way back to the program.
struct Answers {
    client: Mutex<TcpStream>,
    /// The serial of the call whose answer is to be an error.
    mistaken: Mutex<Option<u32>>,
}

impl Answers {
    fn pass_on(&self, daemon: &TcpStream) -> io::Result<()> {
        loop {
            let frame = read_frame(daemon)?;
            let is_answer = word(&frame, 4) == REMOTE && word(&frame, 16) != 2;
            let mistaken = self
                .mistaken
                .lock()
                .unwrap()
                .take_if(|mistaken| is_answer && *mistaken == serial(&frame));
            self.say(&mistaken.map_or(frame.clone(), |_| error_to(&frame)))?;
        }
    }

    fn say(&self, frame: &[u8]) -> io::Result<()> {
        self.client.lock().unwrap().write_all(frame)
    }
}

/// The next frame, its length included.
fn read_frame(mut from: &TcpStream) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; 4];
    from.read_exact(&mut frame)?;
    let length = u32::from_be_bytes([frame[0], frame[1], frame[2], frame[3]]) as usize;
    frame.resize(length.max(28), 0);
    from.read_exact(&mut frame[4..])?;
    Ok(frame)
}

fn word(frame: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(frame[at..at + 4].try_into().unwrap())
}

fn serial(frame: &[u8]) -> u32 {
    word(frame, 20)
}

/// The error that a daemon would answer to `frame`, whose own answer it may be as well.
fn error_to(frame: &[u8]) -> Vec<u8> {
    let kind = match word(frame, 16) {
        STREAM => STREAM,
        _ => REPLY,
    };
    let message = b"internal error: a fault that a test makes   ";
    let (code, domain, level, none) = (1, 10, 2, 0);
    let said = u32::try_from(message.len()).unwrap();
    let header = [
        REMOTE,
        word(frame, 8),
        word(frame, 12),
        kind,
        serial(frame),
        1,
    ];
    let before = [code, domain, 1, said];
    // the domain that it is about, three texts, two numbers, the network
    let after = [level, none, none, none, none, u32::MAX, u32::MAX, none];
    let words =
        |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|word| word.to_be_bytes()).collect() };
    let body = [
        words(&header),
        words(&before),
        message.to_vec(),
        words(&after),
    ]
    .concat();
    let length = u32::try_from(body.len() + 4).unwrap();
    [length.to_be_bytes().to_vec(), body].concat()
}
