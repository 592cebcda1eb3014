"""A small convolutional network that learns to read digits.

Press "Train CNN" above the model to watch its kernels change. The two Conv2D
layers have 32 and 64 kernels of 3 x 3 weights. Nobody chooses those weights:
an initialiser draws them at random, and every batch of images moves each of
them a little against the gradient of the loss.
"""

import keras
from keras import layers

num_classes = 10
input_shape = (28, 28, 1)

# 60,000 handwritten digits to learn from, 10,000 to test with.
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()

# Pixels from 0...255 to 0...1, and one grey channel.
x_train = x_train.reshape(-1, 28, 28, 1).astype("float32") / 255
x_test = x_test.reshape(-1, 28, 28, 1).astype("float32") / 255

# The label 3 becomes [0, 0, 0, 1, 0, 0, 0, 0, 0, 0].
y_train = keras.utils.to_categorical(y_train, num_classes)
y_test = keras.utils.to_categorical(y_test, num_classes)

model = keras.Sequential(
    [
        keras.Input(shape=input_shape),
        layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(num_classes, activation="softmax"),
    ]
)
model.summary()

model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=128, epochs=5, validation_split=0.1)

loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"test loss {loss:.4f}, test accuracy {accuracy:.4f}")
