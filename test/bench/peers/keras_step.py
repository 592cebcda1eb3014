"""Times Keras training steps on TensorFlow. Reads one JSON job per line: {source, input, batch, seconds, ...}, runs the model's own
source, and answers one JSON line per job: {ms}. Threads: OMP_NUM_THREADS."""
import json
import os
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
out = os.dup(1)
os.dup2(2, 1)  # TensorFlow prints to stdout
import keras
import numpy as np
import tensorflow as tf

threads = int(os.environ.get("OMP_NUM_THREADS", "2"))
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)


clock = time.process_time if os.environ.get("KERNELSCOPE_CLOCK") == "processor" else time.perf_counter


def answer(value):
    os.write(out, (json.dumps(value) + "\n").encode())


def measure(job):
    keras.backend.clear_session()
    scope = {}
    exec(job["source"], scope)
    model = scope["model"]
    n = job["batch"]
    x = tf.constant(np.random.rand(n, *job["input"]).astype("float32"))
    units = model.output_shape[1:]
    if job["loss"] == "mean_squared_error":
        y = np.random.rand(n, *units)
    elif units[-1] == 1:
        y = np.random.randint(0, 2, (n, 1))
    else:
        y = np.eye(units[-1])[np.random.randint(0, units[-1], n)]
    y = tf.constant(y.astype("float32"))
    loss_of = keras.losses.get(job["loss"])
    optimizer = model.optimizer
    optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=False)
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(loss_of(y, model(x, training=True)))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))
        return loss

    times = []
    step()
    begin = time.perf_counter()
    while time.perf_counter() - begin < job["seconds"] or len(times) < 4:
        t = clock()
        float(step())
        times.append(clock() - t)
    return 1000 * statistics.median(times[len(times) // 4 :])


answer({"ready": f"Keras {keras.__version__}, TensorFlow {tf.__version__}"})
for line in sys.stdin:
    job = json.loads(line)
    try:
        answer({"ms": measure(job)})
    except Exception as e:  # a model that this peer cannot express
        answer({"error": str(e)})
