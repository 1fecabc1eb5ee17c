//! The module by itself: what it works on lies in the memory that it is given, which is the other module's.
//!
//! Nothing else: no allocator, no data, no start, and no stack.

use crate::{Multiplication, Vector};

/// Traps.
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// 1 where doubles are multiplied and added with one rounding ([`is_fused`](crate::is_fused)): without that the products are wrong.
#[unsafe(no_mangle)]
pub extern "C" fn fused(epsilon: f64) -> u32 {
    u32::from(crate::is_fused(epsilon))
}

/// Multiplies ([`Multiplication`]).
///
/// # Safety
/// Of vectors, at multiples of 16, `width` are at `left`, `right` and `product`, one more at `modulus`, and `columns` at `start` and `columns`. Nobody else reads or
/// writes the last two meanwhile, or writes the others.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn multiply(
    width: usize,
    count: usize,
    left: *const Vector,
    right: *const Vector,
    modulus: *const Vector,
    start: *const Vector,
    columns: *mut Vector,
    product: *mut Vector,
) {
    // SAFETY: as for `multiply`.
    let read = |place, length| unsafe { core::slice::from_raw_parts(place, length) };
    // SAFETY: as for `multiply`.
    let write = |place, length| unsafe { core::slice::from_raw_parts_mut(place, length) };
    Multiplication {
        left: read(left, width),
        right: read(right, width),
        modulus: read(modulus, width + 1),
        start: read(start, count),
        columns: write(columns, count),
        product: write(product, width),
    }
    .run();
}

/// Agrees ([`x25519`](crate::x25519())).
///
/// # Safety
/// At each place are four words, aligned or not, which nobody else writes meanwhile, nor reads the last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn x25519(scalar: *const [u64; 4], point: *const [u64; 4], shared: *mut [u64; 4]) {
    // SAFETY: as for `x25519`.
    let scalar = unsafe { scalar.read_unaligned() };
    // SAFETY: as for `x25519`.
    let point = unsafe { point.read_unaligned() };
    // SAFETY: as for `x25519`.
    unsafe { shared.write_unaligned(crate::x25519(scalar, point)) };
}
