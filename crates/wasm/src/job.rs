//! Work with secrets, or that waits for WebCrypto in between; driven from JavaScript.
//!
//! An exported `async fn` is polled in a microtask of the module itself: a trap there would be an uncaught exception and
//! leave a promise that never settles. Here the caller polls, so a trap is an ordinary exception in its own hands.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::Failure;
use crate::engine::repeated;
use crate::stack::{apart, overwrite};

type Work = Pin<Box<dyn Future<Output = Result<JsValue, Failure>>>>;

thread_local! {
    /// What to call when a waiting job can go on. Kept apart from the waker, which has to be `Send`.
    static WAKES: RefCell<BTreeMap<u32, Function>> = const { RefCell::new(BTreeMap::new()) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// The stack is overwritten when a job ends, and at each wait but the first ones: a job that has no more of them is over in a moment, and takes as
/// long for overwriting as for a promise.
const SHORT: u32 = 2;

/// One call under way.
#[wasm_bindgen]
pub struct Job {
    id: u32,
    work: RefCell<Option<Work>>,
    waits: Cell<u32>,
}

impl Job {
    /// Makes a job; nothing runs before the first poll.
    pub fn new(work: impl Future<Output = Result<JsValue, Failure>> + 'static) -> Job {
        let id = LAST.with(|last| {
            last.set(last.get().wrapping_add(1));
            last.get()
        });
        Job { id, work: RefCell::new(Some(Box::pin(work))), waits: Cell::new(0) }
    }
}

#[wasm_bindgen]
impl Job {
    /// Goes on until the next wait: `undefined`, and `wake` is called when it can go on. `{ value }` once it is done.
    pub fn poll(&self, wake: Function) -> Result<JsValue, JsValue> {
        WAKES.with_borrow_mut(|wakes| wakes.insert(self.id, wake));
        let Some(mut work) = self.work.take() else { return Ok(JsValue::UNDEFINED) };
        let waker = Waker::from(Arc::new(Alarm(self.id)));
        let Poll::Ready(done) = apart(|| work.as_mut().poll(&mut Context::from_waker(&waker))) else {
            self.work.replace(Some(work));
            self.waits.set(self.waits.get().saturating_add(1));
            if self.waits.get() > SHORT {
                overwrite();
            }
            return Ok(JsValue::UNDEFINED);
        };
        drop(work);
        overwrite();
        let result = Object::new();
        Reflect::set(&result, &"value".into(), &done?)?;
        Ok(result.into())
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        WAKES.with_borrow_mut(|wakes| wakes.remove(&self.id));
        if self.work.take().is_some() {
            overwrite();
        }
        repeated::finish();
    }
}

struct Alarm(u32);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        let wake = WAKES.with_borrow(|wakes| wakes.get(&self.0).cloned());
        if let Some(wake) = wake {
            // `wake` queues a microtask and cannot fail.
            let _ = wake.call0(&JsValue::UNDEFINED);
        }
    }
}
