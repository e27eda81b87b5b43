//! A cart on a track, with a pole on it that falls, as Barto, Sutton and Anderson have it ("Neuronlike adaptive elements that
//! can solve difficult learning control problems", 1983, appendix).

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

/// Of gravity, in m/s².
const GRAVITY: f64 = 9.8;
/// Masses in kg.
const CART: f64 = 1.0;
const POLE: f64 = 0.1;
/// Half the length of the pole, in m.
const LENGTH: f64 = 0.5;
/// The friction of the cart on the track and of the pole on the cart.
const CART_FRICTION: f64 = 0.0005;
const POLE_FRICTION: f64 = 0.000002;
/// What the cart is pushed with, to the left or to the right, in newtons.
const FORCE: f64 = 10.0;
/// From one push to the next, in s; the state moves by one Euler step.
const STEP: f64 = 0.02;
/// How far the cart may go from the middle, in m, and the pole from upright, in rad: 12°.
const TRACK: f64 = 2.4;
const TILT: f64 = 12.0 * std::f64::consts::PI / 180.0;

/// Where cart and pole are, and how fast.
#[derive(Clone, Copy, Debug)]
pub struct CartPole {
    place: f64,
    speed: f64,
    angle: f64,
    turning: f64,
}

impl CartPole {
    /// Almost at rest in the middle, upright: each of the four uniform within ±0.05.
    pub fn start(generator: &mut ChaCha8Rng) -> Self {
        let mut near_zero = || generator.random_range(-0.05..0.05);
        CartPole { place: near_zero(), speed: near_zero(), angle: near_zero(), turning: near_zero() }
    }

    /// The next state after a push to the left (0) or to the right (1).
    pub fn pushed(self, action: usize) -> Self {
        let force = if action == 1 { FORCE } else { -FORCE };
        let mass = CART + POLE;
        let (sine, cosine) = self.angle.sin_cos();
        let rubbing = CART_FRICTION * if self.speed == 0.0 { 0.0 } else { self.speed.signum() };
        let thrown = POLE * LENGTH * self.turning * self.turning;
        let torque = GRAVITY * sine + cosine * (-force - thrown * sine + rubbing) / mass
            - POLE_FRICTION * self.turning / (POLE * LENGTH);
        let turn = torque / (LENGTH * (4.0 / 3.0 - POLE * cosine * cosine / mass));
        let push = (force + thrown * sine - POLE * LENGTH * turn * cosine - rubbing) / mass;
        CartPole {
            place: self.place + STEP * self.speed,
            speed: self.speed + STEP * push,
            angle: self.angle + STEP * self.turning,
            turning: self.turning + STEP * turn,
        }
    }

    /// Whether the pole has fallen or the track has ended.
    pub fn is_over(self) -> bool {
        self.place.abs() > TRACK || self.angle.abs() > TILT
    }

    /// What a net sees of it, each of the size of one.
    pub fn seen(self) -> [f32; 4] {
        [self.place / TRACK, self.speed / 2.0, self.angle / TILT, self.turning / 2.0].map(|x| x as f32)
    }
}
