//! dlrpc_plugin.h for Rust (1.82 or later), without a crate and without `unsafe` where it is used. Copy the file beside
//! lib.rs: the module exports `dlrpc_plugin_attach` by being there. Everything works on every thread, and does nothing where
//! there is no table, as in VT Code, or once the call is over.
//!
//! ```ignore
//! mod dlrpc_plugin;
//! use dlrpc_plugin::Call;
//!
//! /// What vtcode_plugin_execute calls, once it has read its input.
//! fn convert_all(pages: &[Page]) -> Result<(), String> {
//!     let call = Call::current();
//!     for (done, page) in pages.iter().enumerate() {
//!         if call.should_stop() {
//!             return Err("stopped".to_owned());
//!         }
//!         call.output(&convert(page)); // the text of a JSON value
//!         call.progress((done + 1) as f64, pages.len() as f64, &page.name);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! A `Call` is a number: threads that work for the call are given a copy of it.
#![allow(dead_code)] // a plugin need not use all of it

use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

/// `struct dlrpc_host`.
#[repr(C)]
struct Host {
    size: u32,
    version: u32,
    current_call: extern "C" fn() -> u64,
    progress: unsafe extern "C" fn(u64, f64, f64, *const u8, usize),
    output: unsafe extern "C" fn(u64, *const u8, usize) -> i32,
    log: unsafe extern "C" fn(u64, u32, *const u8, usize),
    should_stop: extern "C" fn(u64) -> i32,
    remaining_ms: extern "C" fn(u64) -> i64,
}

static HOST: AtomicPtr<Host> = AtomicPtr::new(null_mut());

/// # Safety
/// `host` is NULL or a table that stays valid until the process ends.
#[unsafe(no_mangle)]
unsafe extern "C" fn dlrpc_plugin_attach(host: *mut Host) {
    HOST.store(host, Ordering::Release);
}

fn host() -> Option<&'static Host> {
    // SAFETY: the table is valid until the process ends, and nobody writes to it.
    unsafe { HOST.load(Ordering::Acquire).as_ref() }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Level {
    Error = 1,
    Warn = 2,
    Info = 3,
    Debug = 4,
}

/// A call of the plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call(u64);

impl Call {
    /// The call that runs on this thread; on others, one that is over.
    pub fn current() -> Call {
        Call(host().map_or(0, |host| (host.current_call)()))
    }

    /// How far the call is, in any unit; a total that is not above 0 means that it is not known.
    pub fn progress(self, done: f64, total: f64, message: &str) {
        if let Some(host) = host() {
            // SAFETY: the host reads `message` during the call only.
            unsafe { (host.progress)(self.0, done, total, message.as_ptr(), message.len()) }
        }
    }

    /// Hands over a partial result, one JSON value. Returns false where it is not passed on: the call is over or is to
    /// stop, nobody wants it, or it is too long.
    pub fn output(self, json: &str) -> bool {
        // SAFETY: as in progress().
        host().is_some_and(|host| unsafe { (host.output)(self.0, json.as_ptr(), json.len()) } != 0)
    }

    /// Says something to whoever reads the host's log.
    pub fn log(self, level: Level, text: &str) {
        if let Some(host) = host() {
            // SAFETY: as in progress().
            unsafe { (host.log)(self.0, level as u32, text.as_ptr(), text.len()) }
        }
    }

    /// Whether the call was cancelled, its time is up, or it is over: who then returns soon keeps the process.
    pub fn should_stop(self) -> bool {
        host().is_some_and(|host| (host.should_stop)(self.0) != 0)
    }

    /// Until the call's deadline; `None` where there is none.
    pub fn remaining(self) -> Option<Duration> {
        match host().map_or(i64::MAX, |host| (host.remaining_ms)(self.0)) {
            i64::MAX => None,
            milliseconds => Some(Duration::from_millis(milliseconds.max(0) as u64)),
        }
    }
}
