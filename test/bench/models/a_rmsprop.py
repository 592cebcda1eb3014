# Model A with RMSprop().
from tensorflow.keras import Sequential
from tensorflow.keras.optimizers import *
from tensorflow.keras.layers import Input, Conv2D, MaxPooling2D, Flatten, Dense

model = Sequential([
    Input((28, 28, 1)),
    Conv2D(32, 3, activation='relu'),
    MaxPooling2D(),
    Conv2D(64, 3, activation='relu'),
    MaxPooling2D(),
    Flatten(),
    Dense(128, activation='relu'),
    Dense(10, activation='softmax'),
])
model.compile(optimizer=RMSprop(), loss='categorical_crossentropy')
