# Large windows: a strided 7x7 and a 5x5 convolution.
from tensorflow.keras import Sequential
from tensorflow.keras.layers import *
from tensorflow.keras.optimizers import *

model = Sequential([
    Input((64, 64, 3)),
    Conv2D(32, 7, strides=2, padding='same', activation='relu'),
    MaxPooling2D(),
    Conv2D(64, 5, padding='same', activation='relu'),
    MaxPooling2D(),
    Flatten(),
    Dense(10, activation='softmax'),
])
model.compile(optimizer='adam', loss='categorical_crossentropy')
