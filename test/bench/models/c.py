# Model C: VGG-like with batch normalisation, 32 x 32 colour images.
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Input, Conv2D, BatchNormalization, Activation, MaxPooling2D, Flatten, Dropout, Dense

model = Sequential([
    Input((32, 32, 3)),
    Conv2D(32, 3, padding='same'),
    BatchNormalization(),
    Activation('relu'),
    Conv2D(32, 3, padding='same'),
    BatchNormalization(),
    Activation('relu'),
    MaxPooling2D(),
    Conv2D(64, 3, padding='same'),
    BatchNormalization(),
    Activation('relu'),
    Conv2D(64, 3, padding='same'),
    BatchNormalization(),
    Activation('relu'),
    MaxPooling2D(),
    Flatten(),
    Dropout(0.5),
    Dense(10, activation='softmax'),
])
model.compile(optimizer='adam', loss='categorical_crossentropy')
